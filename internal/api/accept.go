package api

import (
	"strconv"
	"strings"
)

// Choice is one entry of an Accept or Accept-Encoding header.
type Choice struct {
	Name string  // in lower case, without parameters
	Q    float64 // 0 to 1; 0 is a refusal
}

// Choices reads the header's values; what makes no sense is left out.
func Choices(values []string) []Choice {
	var out []Choice
	for _, entry := range strings.Split(strings.Join(values, ","), ",") {
		name, params, _ := strings.Cut(entry, ";")
		c := Choice{Name: strings.ToLower(strings.TrimSpace(name)), Q: quality(params)}
		if c.Name != "" {
			out = append(out, c)
		}
	}
	return out
}

func quality(params string) float64 {
	for _, p := range strings.Split(params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}
