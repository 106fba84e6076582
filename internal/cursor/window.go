package cursor

import "iter"

// Orders of lists that clients choose, as they write them.
const (
	Ascending  = "asc"
	Descending = "desc"
)

// Window returns the limit elements of a list that follow the first offset.
func Window[T any](all []T, limit, offset int) []T {
	offset = min(offset, len(all))
	return all[offset:min(offset+limit, len(all))]
}

// Part yields limit values (0: all) after the first offset. An error is
// yielded wherever it comes, and ends the sequence.
func Part[T any](all iter.Seq2[T, error], limit, offset int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := 0
		for value, err := range all {
			n++
			if err == nil && n <= offset {
				continue
			}
			if !yield(value, err) || err != nil || limit > 0 && n == offset+limit {
				return
			}
		}
	}
}
