package tabletest_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"griot/internal/fault"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// All pages are read one after the other, none before it is asked for, and
// none after one that could not be read.
func TestAllPages(t *testing.T) {
	f := open(t)
	var want []string
	for n := range 7 {
		want = append(want, fmt.Sprint("row ", n))
		put(t, f, want[n], nil)
	}
	q := table.Query{Table: table.Sessions, PK: "p", Limit: 3}
	pages := 0
	failFrom := func(from int) {
		pages = 0
		f.Heal()
		f.Fail(fault.Throttled, func(c tabletest.Call) bool {
			if c.Method == "Query" {
				pages++
			}
			return pages >= from
		})
	}
	for _, test := range []struct {
		stop, failFrom, items, pages int
		err                          error
	}{
		{stop: 8, failFrom: 9, items: 7, pages: 3},
		{stop: 3, failFrom: 9, items: 3, pages: 1},
		{stop: 4, failFrom: 9, items: 4, pages: 2},
		{stop: 8, failFrom: 3, items: 6, pages: 3, err: table.ErrThrottled},
		{stop: 8, failFrom: 1, items: 0, pages: 1, err: table.ErrThrottled},
	} {
		failFrom(test.failFrom)
		var got []string
		var failed error
		for item, err := range table.All(t.Context(), f, q) {
			if failed = err; err != nil {
				continue // nothing may follow
			}
			if got = append(got, item.SK); len(got) == test.stop {
				break
			}
		}
		if !slices.Equal(got, want[:test.items]) || pages != test.pages || !errors.Is(failed, test.err) {
			t.Errorf("%+v: %q of %d pages, error %v", test, got, pages, failed)
		}
	}
	failFrom(9)
	if all, err := table.ReadAll(t.Context(), f, q); err != nil || len(all) != len(want) {
		t.Errorf("ReadAll: %d items, error %v", len(all), err)
	}
	failFrom(3)
	if all, err := table.ReadAll(t.Context(), f, q); !errors.Is(err, table.ErrThrottled) || all != nil {
		t.Errorf("ReadAll with a page that cannot be read: %d items, error %v", len(all), err)
	}
}
