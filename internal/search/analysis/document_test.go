package analysis

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a unit is as a row of the tail stays the same bytes.
func TestBytesOfRows(t *testing.T) {
	at := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)
	long := strings.Repeat("The ledger closes on 2 March 2026, said Priya; nobody else's café knows why. ", 40)
	for _, c := range []struct {
		name, want string
		doc        Doc
	}{
		{"a memory", "103 5dc498d0177a3f02418d3151f3610327a3a7e50b144d38bc73d3f23326983915", Doc{Conversation: "c", Memory: "m", Text: "Priya signs the ledger; the ledger closes.", At: at}},
		{"its own unit", `"\x01\x01\x05\a\x00\x05close\x01\x00\x02\x01\x02\x00\x02is\x01\x00\x01\x00\x00\x06ledger\x01\x00\x02\x01\x04\x00\x04sign\x01\x00\x00\b\x00\x03the\x01\x00\x02\x01\x01\x00\x04what\x01\x00\x01\x00\x00\x01x\x01\x00\x00\n"`, Doc{Conversation: "c", Title: "The close", Summary: "What is signed", Topics: []string{"ledger"}, Text: "x"}},
		{"several passages", "759 674e9cafb4fc2b60bc541ef8781b93536afecdcf54b5ae2a39203fc6f4a3ce8f", Doc{Conversation: "c", Memory: "m", Text: long, Topics: []string{"month-end close", "Priya"}, At: at}},
		{"no words", `"\x01\x00\x00"`, Doc{Conversation: "c", Memory: "m", Text: "…", At: at}},
		{"only common words", `"\x01\x01\x01\x03\x00\x02is\x01\x00\x01\x00\x01\x01t\x01\x00\x01\x00\x00\x04what\x01\x00\x01\x00"`, Doc{Conversation: "c", Memory: "m", Text: "what is it"}},
	} {
		row := Unit(c.doc).Encode()
		got := fmt.Sprintf("%d %x", len(row), sha256.Sum256(row))
		if len(row) < 80 {
			got = fmt.Sprintf("%q", row)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
