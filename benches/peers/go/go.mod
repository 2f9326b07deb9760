module peers

go 1.19

require libsac/sac v0.0.0

replace libsac/sac => ../../../bindings/go
