package format

import "strings"

// isForeign recognises text files of other trades, whose words are not speech.
func isForeign(text string) bool {
	text = strings.TrimSpace(text)
	for _, magic := range []string{"%PDF-", `{\rtf`, "PK\x03\x04", "<?xml", "<!doctype html", "<html", "<tt "} {
		if len(text) >= len(magic) && strings.EqualFold(text[:len(magic)], magic) {
			return true
		}
	}
	return false
}
