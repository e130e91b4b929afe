-- A sheet's parcel numbers are never used again (rules §4.3): the largest ever used is asked of past versions too.
create index parcel_version_sheet_past on parcel_version (sheet) where closed_by is not null;
