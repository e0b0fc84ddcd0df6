-- The columns of the old desk are written down nowhere.
create view street.public.board as select * from street.public.old_desk;
