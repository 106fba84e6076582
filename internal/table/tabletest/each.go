package tabletest

import (
	"fmt"
	"testing"
)

// Scenario is a test that is run again and again. It wraps its store in a
// Faulty, prepares what shall not fail, calls arm, does what is under test,
// and checks what became of it.
type Scenario func(t *testing.T, arm func(f *Faulty))

// EachWrite runs the scenario with every Fault for n = 1, 2, 3 …, until a run
// makes fewer than n writes: in each the n-th write after arm fails once.
func EachWrite(t *testing.T, scenario Scenario) {
	t.Helper()
	for _, fault := range Faults {
		each(t, fault.String(), scenario, func(f *Faulty, n int) { f.FailWrite(n, fault) })
	}
}

// EachCrash is EachWrite for a process that dies at its n-th write, before or
// after that took effect: the scenario goes on, after Heal, as the process
// that comes next.
func EachCrash(t *testing.T, scenario Scenario) {
	t.Helper()
	for _, fault := range []Fault{Before, After} {
		each(t, "crash "+fault.String(), scenario, func(f *Faulty, n int) { f.Crash(n, fault) })
	}
}

func each(t *testing.T, name string, scenario Scenario, plan func(f *Faulty, n int)) {
	t.Helper()
	for n := 1; ; n++ {
		var armed *Faulty
		t.Run(fmt.Sprintf("%s write %d", name, n), func(t *testing.T) {
			scenario(t, func(f *Faulty) {
				armed = f
				plan(f, n)
			})
		})
		if armed == nil || armed.Fired() == 0 {
			return
		}
	}
}
