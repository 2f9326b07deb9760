module peers/others

go 1.26.0

require (
	github.com/go-resty/resty/v2 v2.17.2
	github.com/valyala/fasthttp v1.78.0
	peers v0.0.0
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/molecule-man/go-brrr v1.3.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace (
	libsac/sac => ../../../../bindings/go
	peers => ../
)
