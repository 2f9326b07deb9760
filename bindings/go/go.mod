module libsac/sac

go 1.19
