-- name: families
-- Land-use codes by family, for the washes of the map: legacy codes too, they still stand in the register.
select family, array_agg(code order by code) as codes from land_use group by family order by family

-- name: uses
-- Land-use codes with their family and names, for the legend.
select code, family, name_vi, name_en from land_use order by code
