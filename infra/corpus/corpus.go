// Package corpus reads the development data, which is not part of the
// repository: one type for each set that more than one command looks at.
package corpus

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Lines decodes a gzipped file of one JSON value a line.
func Lines[T any](path string) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		for _, s := range Sets() {
			if slices.Contains(s.Files, filepath.Base(path)) {
				return nil, fmt.Errorf("reading %v: %w", s, err)
			}
		}
		return nil, fmt.Errorf("opening data: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	dec := json.NewDecoder(bufio.NewReader(z))
	var all []T
	for dec.More() {
		var v T
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("decoding %s: %w", path, err)
		}
		all = append(all, v)
	}
	return all, nil
}
