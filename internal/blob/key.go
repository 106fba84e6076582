package blob

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CheckKey reports why no object can have a key, as an ErrKey. Drivers call
// it first, so that they agree on it.
func CheckKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: empty", ErrKey)
	case len(key) > MaxKey:
		return fmt.Errorf("%w: %d bytes, at most %d", ErrKey, len(key), MaxKey)
	case !utf8.ValidString(key):
		return fmt.Errorf("%w: not UTF-8", ErrKey)
	}
	for element := range strings.SplitSeq(key, "/") {
		if element == "" || element == "." || element == ".." {
			return fmt.Errorf("%w: element %q", ErrKey, element)
		}
	}
	return nil
}
