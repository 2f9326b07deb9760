package sac

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"libsac/sac/internal/capi"
)

// serverMark in the environment makes the test program the server of the benchmarks, in a separate process,
// so that the benchmarks measure only the clients.
const serverMark = "SAC_BENCH_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverMark) != "" {
		serveBenchmarks()
		return
	}
	os.Exit(m.Run())
}

// serveBenchmarks sends the same JSON for every request, until standard input ends.
func serveBenchmarks() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go respondToBenchmarks(connection)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

var benchReply = reply("200 OK", "Content-Type: application/json\nDate: Thu, 01 Jan 2026 00:00:00 GMT\n"+
	"Server: bench\nX-Request-Id: 0123456789abcdef\nCache-Control: no-store",
	`{"id":42,"name":"Ada Lovelace","tags":["`+strings.Repeat(`mathematics","`, 40)+`x"]}`)

func respondToBenchmarks(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return
		}
		if len(line) > 2 {
			continue
		}
		if _, err := io.WriteString(connection, benchReply); err != nil {
			return
		}
	}
}

// benchServer starts the server, and stops it after the benchmark.
func benchServer(b *testing.B) string {
	b.Helper()
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), serverMark+"=1")
	server.Stderr = os.Stderr
	input, err := server.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		input.Close()
		_ = server.Wait()
	})
	url, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}

// measure makes calls one after the other, or as many at once as the machine has processors.
func measure(b *testing.B, parallel bool, call func() error) {
	b.Helper()
	if err := call(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	defer reportCPU(b)()
	if !parallel {
		for i := 0; i < b.N; i++ {
			if err := call(); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// reportCPU reports the processor time of this process for each call, which other work of the machine does
// not change.
func reportCPU(b *testing.B) func() {
	before := cpuTime(b)
	return func() { b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op") }
}

func cpuTime(b *testing.B) int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func BenchmarkGet(b *testing.B) {
	url := benchServer(b)
	b.Run("plain C", func(b *testing.B) {
		defer reportCPU(b)()
		if code := capi.Get(url, "/v1/users/42", b.N); code != 0 {
			b.Fatal(Code(code))
		}
	})
	for _, parallel := range []bool{false, true} {
		suffix := map[bool]string{true: ", parallel"}[parallel]
		b.Run("sac"+suffix, func(b *testing.B) {
			client := newClient(b, url)
			measure(b, parallel, func() error {
				_, err := client.Get(background, "/v1/users/42")
				return err
			})
		})
		b.Run("sac with a context"+suffix, func(b *testing.B) {
			client := newClient(b, url)
			ctx, cancel := context.WithCancel(background)
			defer cancel()
			measure(b, parallel, func() error {
				_, err := client.Get(ctx, "/v1/users/42")
				return err
			})
		})
		b.Run("http.Client through sac"+suffix, func(b *testing.B) {
			client := &http.Client{Transport: &Transport{Client: newClient(b, url)}}
			measure(b, parallel, func() error { return getAll(client, url) })
		})
		b.Run("net-http"+suffix, func(b *testing.B) {
			transport := &http.Transport{MaxIdleConnsPerHost: 16}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			measure(b, parallel, func() error { return getAll(client, url) })
		})
	}
}

func getAll(client *http.Client, url string) error {
	response, err := client.Get(url + "/v1/users/42")
	if err != nil {
		return err
	}
	_, err = io.ReadAll(response.Body)
	response.Body.Close()
	return err
}
