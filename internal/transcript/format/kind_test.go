package format

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/media"
	"griot/internal/transcript"
)

// A hint may name every format that has a reader, and nothing else; the
// document of the API lists the same.
func TestFormats(t *testing.T) {
	read := map[string]bool{}
	for _, r := range readers {
		read[string(r.kind)] = true
	}
	for _, d := range documents {
		read[string(d.kind)] = true
	}
	kinds := transcript.FormatNames()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(read)), slices.Sorted(slices.Values(kinds))); diff != "" {
		t.Error(diff)
	}
	text, err := os.ReadFile("../../api/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas struct {
				Container struct{ Enum []string }
			}
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(document.Components.Schemas.Container.Enum, kinds); diff != "" {
		t.Errorf("openapi.json: %s", diff)
	}
}

func TestSniff(t *testing.T) {
	for _, r := range []struct {
		head string
		want Kind
	}{
		{"RIFF\x24\x08\x00\x00WAVEfmt ", Kind(media.WAV)},
		{"RIFF\x24\x08\x00\x00AVI LIST", ""},
		{"\xff\xfb\xf0\x64\x00\x00", ""},
		{"WEBVTT", VTT},
		{"\ufeffWEBVTT - x\r\n", VTT},
		{"WEBVTT\n\x00", VTT},
		{"1\n00:00:01,000 --> 00:00:02,000\nHi", SRT},
		{"1\r\r00:00:01,000 --> 00:00:02,000\rHi", SRT},
		{"1\n00:00:01 -> 2\nHi", Text},
		{`{"segments": []}`, JSON},
		{"[\n  {", JSON},
		{"[00:01] Ana: Hello.", Text},
		{"[Music]\n\nAna: Hello.", Text},
		{"{laughs} Ana: Hello.", Text},
		{"**Ana:** Hello.", Markdown},
		{"\n\n# Talk\n\nHello.", Markdown},
		{"Hello.\n\nWell \\[04:19\\] yes.", Markdown},
		{"---\ntitle: x\n---\nHello.", Markdown},
		{"---\n\nHello.", Text},
		{"Hello **you**, this is 2 * 3.", Text},
		{"Ana: Hello.", Text},
		{"", Text},
		{" \n", Text},
		{"%PDF-1.7\n", ""},
		{"PK\x03\x04\x14\x00", ""},
		{"{\\rtf1\\ansi Ana: Hello.}", ""},
		{"<?xml version=\"1.0\"?><tt/>", TTML},
		{"\n<!DOCTYPE html>\n<p>Ana: Hello.", HTML},
		{"Ana: Hello.\x00", ""},
		{"\x1f\x8b\x08\x00\x00", ""},
		{"\x89PNG\r\n\x1a\n", ""},
		{"\x01\x02\x03\x04\x05 abc", ""},
		{"\xff\xfe\x00\x00A\x00\x00\x00", Text},
		{strings.Repeat("\xd0\xe5\xf7\xfc ", 20), Text}, // Windows-1251
	} {
		got := Sniff([]byte(r.head))
		if got != r.want {
			t.Errorf("%q: %q, want %q", r.head, got, r.want)
		}
		if got.Transcript() && got.Recording() || got == "" && (got.Transcript() || got.Recording()) {
			t.Errorf("%q is both or none", got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	checkFailing(t, []failing{
		{"recording", "OggS\x00\x02\x00\x00", UnsupportedFormat, 0},
		{"binary", "\x7fELF\x02\x01\x01\x00", UnsupportedFormat, 0},
	})
}
