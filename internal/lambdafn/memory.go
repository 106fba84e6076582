package lambdafn

import (
	"os"
	"runtime/debug"
	"strconv"
)

// heapShare of a function's memory, in percent, is where the collector begins to
// work for it; the rest is the binary, stacks and what C and the kernel keep.
// Without a limit it lets the heap double first, and Lambda ends the process.
const heapShare = 85

// limitMemory sets the runtime's limit by the memory of the function, unless
// GOMEMLIMIT has set one.
func limitMemory() {
	if limit := memoryLimit(os.Getenv); limit > 0 {
		debug.SetMemoryLimit(limit)
	}
}

// memoryLimit is in bytes, 0 where none is to be set.
func memoryLimit(getenv func(string) string) int64 {
	mb, err := strconv.ParseInt(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 32)
	if err != nil || mb <= 0 || getenv("GOMEMLIMIT") != "" {
		return 0
	}
	return mb << 20 / 100 * heapShare
}
