package conversations

import (
	"slices"
	"strings"

	"griot/internal/api"
)

// oneOf checks a word of the query; "" is none.
func oneOf(name, value string, values []string) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	return api.BadParameter(name, "must be one of "+strings.Join(values, ", "))
}
