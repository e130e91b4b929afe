-- What the planner believes of the large tables keeps up with corrections: a tenth of 70 million rows, as PostgreSQL has it, is
-- a year of them, and till then the first closed versions are none to it.
alter table parcel_version set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);
alter table parcel_address set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);
alter table address set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);
