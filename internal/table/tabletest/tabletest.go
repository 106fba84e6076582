// Package tabletest holds the suite that every driver of the table port
// passes, and a decorator that makes a store fail.
package tabletest

import (
	"slices"
	"testing"
	"time"

	"griot/internal/table"
)

// Harness is what a driver's test gives to [Run].
type Harness struct {
	// Open returns a store for one case, or the same one for all: cases keep
	// to partitions of their own, whose keys no other run uses. The store
	// need not be empty.
	Open func(t *testing.T) table.Store
	// Now is the store's clock; nil is time.Now.
	Now func() time.Time
	// Advance moves the clock on. Cases that need it are skipped when the
	// store has a clock that nobody can move (nil).
	Advance func(d time.Duration)
	// Skip names cases in which an engine deviates from DynamoDB, with the
	// reason. It is an error to name a case that does not exist.
	Skip map[string]string
}

// testCase is one named rule of the port.
type testCase struct {
	name string
	run  func(k *kit)
}

var cases = slices.Concat(
	readCases, valueCases, writeCases, conditionCases, orderCases, queryCases, pageCases,
	limitCases, requestCases, transactCases, concurrentCases, expiryCases, usageCases)

// Run runs every case as a subtest of its name.
func Run(t *testing.T, h Harness) {
	for name := range h.Skip {
		known := func(c testCase) bool { return c.name == name }
		if !slices.ContainsFunc(cases, known) {
			t.Errorf("Skip names %q, which is no case", name)
		}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if reason := h.Skip[c.name]; reason != "" {
				t.Skip(reason)
			}
			c.run(newKit(t, h))
		})
	}
}
