"""What built-in attributes, their values and the operators are called in sentences."""

from __future__ import annotations

from headwater.catalog.text import Text
from headwater.policies.vocabulary import Kind

_T = Text

NOUNS = {
    "action": _T("the action", "操作"),
    "subject.department": _T("the asking department", "请求部门"),
    "subject.level": _T("the asking department's administrative level", "请求部门的行政级别"),
    "subject.region": _T("the asking department's region", "请求部门的区划"),
    "subject.clearance": _T("the asking department's clearance", "请求部门的可见级别"),
    "resource.department": _T("the providing department", "提供部门"),
    "resource.region": _T("the providing department's region", "提供部门的区划"),
    "resource.namespace": _T("the dataset's namespace", "数据集的命名空间"),
    "resource.name": _T("the dataset's name", "数据集名称"),
    "resource.contract": _T("the data contract", "数据合同"),
    "resource.column": _T("the column", "字段"),
    "resource.level": _T("the data's level", "数据级别"),
    "resource.categories": _T("the data's set of categories", "数据类别"),
    "context.purpose": _T("the purpose", "用途"),
    "context.agreement": _T("the agreement's state", "协议状态"),
    "context.granted": _T("the grant of the column", "字段的授权"),
    "context.purpose_agreed": _T("the consent to the purpose", "用途的约定"),
    "context.max_level": _T("the agreed highest level", "协议约定的最高级别"),
    "context.masking_required": _T("the masking that was agreed", "约定的脱敏"),
    "context.min_k": _T("the agreed smallest group of people", "协议约定的最小人群规模"),
    "context.k": _T("the smallest group of people in the data", "数据中的最小人群规模"),
    "context.location_agreed": _T("the place that was agreed", "约定的地域"),
    "context.rows_limited": _T("the limit to some rows", "对行的限制"),
    "context.checks": _T("the state of the data checks", "数据检查的状态"),
    "context.evidence": _T("the evidence of the flow", "流动的依据"),
    "context.influence": _T("the way the data is used", "使用方式"),
    "context.via": _T("the set of departments between the two", "途经的部门"),
    "context.onward_granted": _T("the leave to pass the data on", "转交的许可"),
    "context.hops": _T("the number of steps", "路径的步数"),
    "context.masked": _T("the masking", "脱敏"),
}
"""How a sentence calls an attribute; one that a workspace declares is called as it describes it."""

STATES = {
    ("context.granted", True): _T("an active agreement grants the column", "有效协议授权了该字段"),
    ("context.granted", False): _T(
        "no active agreement grants the column", "没有有效协议授权该字段"
    ),
    ("context.purpose_agreed", True): _T("the purpose is one that was agreed", "该用途已经约定"),
    ("context.purpose_agreed", False): _T(
        "the purpose is not one that was agreed", "该用途未经约定"
    ),
    ("context.onward_granted", True): _T(
        "the first agreement allows passing the data on to this department",
        "最初的协议允许将数据转交给该部门",
    ),
    ("context.onward_granted", False): _T(
        "the first agreement does not allow passing the data on to this department",
        "最初的协议不允许将数据转交给该部门",
    ),
    ("context.masking_required", True): _T(
        "the agreement gives this data masked only", "协议只授权脱敏后的该数据"
    ),
    ("context.masking_required", False): _T(
        "the agreement does not ask for masking of this data", "协议不要求对该数据脱敏"
    ),
    ("context.location_agreed", True): _T(
        "the asking department lies where the agreement lets the data be",
        "请求部门位于协议允许的地域",
    ),
    ("context.location_agreed", False): _T(
        "the asking department lies outside the regions that were agreed",
        "请求部门位于约定地域之外",
    ),
    ("context.rows_limited", True): _T("the agreement gives only some rows", "协议只授权部分行"),
    ("context.rows_limited", False): _T("the agreement gives all rows", "协议授权全部行"),
    ("context.masked", True): _T("every path is masked", "每条路径都已脱敏"),
    ("context.masked", False): _T("not every path is masked", "并非每条路径都已脱敏"),
}
"""What it means that a yes/no attribute is true, or false."""

GIVEN = {
    ("context.via", True): _T("other departments lie between the two", "两部门之间有其他部门"),
    ("context.via", False): _T(
        "no other department lies between the two", "两部门之间没有其他部门"
    ),
    ("context.purpose", True): _T("a purpose is known", "用途已知"),
    ("context.purpose", False): _T("no purpose is known", "用途未知"),
    ("context.max_level", True): _T("the agreement sets a highest level", "协议约定了最高级别"),
    ("context.max_level", False): _T("the agreement sets no highest level", "协议没有约定最高级别"),
    ("context.masking_required", True): _T(
        "the agreement gives some data masked only", "协议约定部分数据须脱敏"
    ),
    ("context.masking_required", False): _T("no masking was agreed", "未约定脱敏"),
    ("context.min_k", True): _T(
        "the agreement sets a smallest group of people", "协议约定了最小人群规模"
    ),
    ("context.min_k", False): _T(
        "the agreement sets no smallest group of people", "协议没有约定最小人群规模"
    ),
    ("context.k", True): _T("the smallest group of people is known", "最小人群规模已知"),
    ("context.k", False): _T("the smallest group of people is not known", "最小人群规模未知"),
    ("context.location_agreed", True): _T(
        "the agreement says where the data may be", "协议约定了数据所在地域"
    ),
    ("context.location_agreed", False): _T(
        "the agreement does not say where the data may be", "协议没有约定数据所在地域"
    ),
    ("context.rows_limited", True): _T("the agreement speaks of rows", "协议对行作了约定"),
    ("context.rows_limited", False): _T("the agreement does not speak of rows", "协议未对行作约定"),
    ("resource.contract", True): _T(
        "a data contract describes the dataset", "有数据合同描述该数据集"
    ),
    ("resource.contract", False): _T(
        "no data contract describes the dataset", "没有数据合同描述该数据集"
    ),
    ("resource.column", True): _T("it is of one column", "涉及单个字段"),
    ("resource.column", False): _T("it is of the whole dataset", "涉及整个数据集"),
}
"""What it means that an attribute is present, or absent."""

VALUES = {
    (Kind.LEVEL, "general-1"): _T("general-1", "general-1 一般1级"),
    (Kind.LEVEL, "general-2"): _T("general-2", "general-2 一般2级"),
    (Kind.LEVEL, "general-3"): _T("general-3", "general-3 一般3级"),
    (Kind.LEVEL, "general-4"): _T("general-4", "general-4 一般4级"),
    (Kind.LEVEL, "important"): _T("important", "important 重要"),
    (Kind.LEVEL, "core"): _T("core", "core 核心"),
    (Kind.ADMINISTRATIVE, "township"): _T("township", "township 乡镇"),
    (Kind.ADMINISTRATIVE, "county"): _T("county", "county 县"),
    (Kind.ADMINISTRATIVE, "city"): _T("city", "city 市"),
    (Kind.ADMINISTRATIVE, "province"): _T("province", "province 省"),
    (Kind.ADMINISTRATIVE, "nation"): _T("nation", "nation 国家"),
    (Kind.CATEGORIES, "biometric"): _T("biometric", "biometric 生物识别"),
    (Kind.CATEGORIES, "business"): _T("business", "business 商业"),
    (Kind.CATEGORIES, "financial-account"): _T("financial-account", "financial-account 金融账户"),
    (Kind.CATEGORIES, "health"): _T("health", "health 医疗健康"),
    (Kind.CATEGORIES, "minors"): _T("minors", "minors 未成年人"),
    (Kind.CATEGORIES, "personal"): _T("personal", "personal 个人信息"),
    (Kind.CATEGORIES, "religion"): _T("religion", "religion 宗教信仰"),
    (Kind.CATEGORIES, "specific-identity"): _T("specific-identity", "specific-identity 特定身份"),
    (Kind.CATEGORIES, "whereabouts"): _T("whereabouts", "whereabouts 行踪轨迹"),
    (Kind.CHOICE, "read"): _T("read", "read 读取"),
    (Kind.CHOICE, "share"): _T("share", "share 共享"),
    (Kind.CHOICE, "export"): _T("export", "export 导出"),
    (Kind.CHOICE, "active"): _T("active", "active 有效"),
    (Kind.CHOICE, "expired"): _T("expired", "expired 已到期"),
    (Kind.CHOICE, "pending"): _T("pending", "pending 尚未生效"),
    (Kind.CHOICE, "terminated"): _T("terminated", "terminated 已终止"),
    (Kind.CHOICE, "superseded"): _T("superseded", "superseded 已被取代"),
    (Kind.CHOICE, "draft"): _T("draft", "draft 草案"),
    (Kind.CHOICE, "none"): _T("none", "none 无"),
    (Kind.CHOICE, "passing"): _T("passing", "passing 通过"),
    (Kind.CHOICE, "failing"): _T("failing", "failing 未通过"),
    (Kind.CHOICE, "missing"): _T("missing", "missing 未规定"),
    (Kind.CHOICE, "observed"): _T("observed", "observed 已观测"),
    (Kind.CHOICE, "declared"): _T("declared", "declared 已声明"),
    (Kind.CHOICE, "implied"): _T("implied", "implied 仅为推断"),
    (Kind.CHOICE, "direct"): _T("direct", "direct 直接"),
    (Kind.CHOICE, "indirect"): _T("indirect", "indirect 间接"),
}
"""Values as a sentence says them: what is written in files stands in both languages."""

OPPOSITES = {
    "not": "eq",
    "not_in": "in",
    "below": "at_least",
    "at_most": "above",
    "absent": "present",
    "lacks": "has",
    "not_under": "under",
}
"""Operators that say the contrary of another one."""

PREDICATES = {
    ("eq", True): _T("is {x}", "是{x}"),
    ("eq", False): _T("is not {x}", "不是{x}"),
    ("in", True): _T("is one of {x}", "是{x}之一"),
    ("in", False): _T("is none of {x}", "不在{x}之列"),
    ("at_least", True): _T("is at least {x}", "不低于{x}"),
    ("at_least", False): _T("is below {x}", "低于{x}"),
    ("above", True): _T("is above {x}", "高于{x}"),
    ("above", False): _T("is not above {x}", "不高于{x}"),
    ("between", True): _T("lies between {low} and {high}", "在{low}与{high}之间"),
    ("between", False): _T("does not lie between {low} and {high}", "不在{low}与{high}之间"),
    ("has", True): _T("includes {x}", "包含{x}"),
    ("has", False): _T("does not include {x}", "不包含{x}"),
    ("has_any", True): _T("includes at least one of {x}", "至少包含{x}之一"),
    ("has_any", False): _T("includes none of {x}", "不包含{x}中的任何一个"),
    ("has_all", True): _T("includes all of {x}", "包含全部{x}"),
    ("has_all", False): _T("does not include all of {x}", "未包含全部{x}"),
    ("under", True): _T("lies under {x}", "属于{x}"),
    ("under", False): _T("does not lie under {x}", "不属于{x}"),
    ("matches", True): _T("matches {x}", "符合{x}"),
    ("matches", False): _T("does not match {x}", "不符合{x}"),
    ("older_than", True): _T("lies more than {x} back", "距今超过{x}"),
    ("older_than", False): _T("does not lie more than {x} back", "距今不超过{x}"),
    ("within", True): _T("lies within the last {x}", "在最近{x}之内"),
    ("within", False): _T("does not lie within the last {x}", "不在最近{x}之内"),
    ("present", True): _T("is known", "已知"),
    ("present", False): _T("is not known", "未知"),
}
"""What an operator says where it holds, and where it does not."""
