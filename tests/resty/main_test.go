package resty

import (
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	fmt.Printf("sac.Transport has sent %d requests\n", sent.Load())
	os.Exit(code)
}
