-- What drafts will do, found by place: the map's layer of drafts.
create index proposed_web on proposed using gist (st_transform(shape, 3857)) where shape is not null;
