// Package disktest makes a disk full for tests, without a disk of their own, and
// kills processes that write to one.
package disktest

import (
	"os"
	"os/exec"
	"testing"
)

// alone names the test that a process was started for.
const alone = "GRIOT_TEST_ALONE"

// Alone runs the test that calls it first in a process of its own, where it
// returns true. In the process that it was called in it reports the outcome
// and returns false: the test has nothing left to do.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(alone) == t.Name() {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), alone+"="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("in a process of its own: %v\n%s", err, out)
	}
	return false
}
