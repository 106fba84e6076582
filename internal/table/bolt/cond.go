package bolt

import (
	"bytes"

	"griot/internal/table"
)

// holds evaluates conditions on an item; attrs are nil when it is absent.
func holds(conds []table.Cond, attrs table.Attrs) bool {
	for _, c := range conds {
		if !test(c, attrs) {
			return false
		}
	}
	return true
}

func test(c table.Cond, attrs table.Attrs) bool {
	value, ok := attrs[c.Attr]
	switch c.Test {
	case table.TestAbsent:
		return attrs == nil
	case table.TestExists:
		return attrs != nil
	case table.TestEqual:
		return ok && equal(value, c.Value)
	case table.TestLess:
		return ok && less(value, c.Value)
	case table.TestMissing:
		return !ok
	default: // TestMissingOrLess
		return !ok || less(value, c.Value)
	}
}

// equal and less hold for values of one type only.
func equal(a, b any) bool {
	if b, ok := b.([]byte); ok {
		a, ok := a.([]byte)
		return ok && bytes.Equal(a, b)
	}
	if _, ok := a.([]byte); ok {
		return false
	}
	return a == b
}

func less(a, b any) bool {
	switch b := b.(type) {
	case string:
		a, ok := a.(string)
		return ok && a < b
	case int64:
		a, ok := a.(int64)
		return ok && a < b
	case []byte:
		a, ok := a.([]byte)
		return ok && bytes.Compare(a, b) < 0
	}
	return false
}
