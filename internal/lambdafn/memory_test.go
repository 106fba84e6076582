package lambdafn

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestMemoryLimit(t *testing.T) {
	for _, c := range []struct {
		size, set string
		want      int64
	}{
		{"1769", "", 1769 << 20 / 100 * 85},
		{"128", "", 128 << 20 / 100 * 85},
		{"10240", "", 10 << 30 / 100 * 85},
		{"512", "200MiB", 0},
		{"512", "off", 0},
		{"", "", 0},
		{"many", "", 0},
		{"-1", "", 0},
	} {
		env := map[string]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": c.size, "GOMEMLIMIT": c.set}
		if got := memoryLimit(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestTheLimitIsTheRuntimes(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	t.Setenv("GOMEMLIMIT", "")
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
	limitMemory()
	if got, want := debug.SetMemoryLimit(-1), int64(2048<<20/100*85); got != want {
		t.Errorf("%d, want %d", got, want)
	}
	debug.SetMemoryLimit(math.MaxInt64)
	t.Setenv("GOMEMLIMIT", "1GiB")
	limitMemory()
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("over GOMEMLIMIT: %d", got)
	}
}
