-- Narrow gaps and overlaps repaired (khe hở, chồng lấn), as corrections of a kind of their own.
alter table correction drop constraint correction_kind_check;
alter table correction add constraint correction_kind_check check (kind in (
    'import', 'create', 'split', 'merge', 'boundary', 'survey', 'attributes', 'renumber', 'resheet', 'retire', 'register',
    'address', 'reorganise', 'error', 'revert', 'slivers'));
create index proposal_open_slivers on proposal (id)             -- the doctor leaves out parcels that have a draft
    where kind = 'slivers' and state in ('draft', 'submitted', 'approved', 'returned');
