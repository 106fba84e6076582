package prompt

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/llm"
	"griot/internal/transcript"
)

//go:embed text
var texts embed.FS

func text(name string) string {
	data, err := texts.ReadFile("text/" + name)
	if err != nil {
		panic(err) // templates are checked at creation, the files are embedded
	}
	return string(data)
}

// maxTokens of an answer, more than one of a part should ever need.
const maxTokens = 16_384

// request asks for what is in a part. The same part of the same transcript,
// with the same known findings, makes the same request, byte for byte.
func request(in extraction.Input, p part, known known) llm.Request {
	var b strings.Builder
	fmt.Fprintf(&b, "Title: %q\n", in.Title)
	if p.of > 1 {
		fmt.Fprintf(&b, "This is part %d of %d of the transcript. Its first lines may be the last of the part before.\n", p.no, p.of)
	}
	known.write(&b)
	b.WriteString("\nTranscript:\n")
	write(&b, p.segs)
	return llm.Request{
		Name:         "record",
		Instructions: text("instructions.md") + "\n" + text("template/"+template(in.Template)+".md"),
		Text:         b.String(),
		Schema:       []byte(text("schema.json")),
		MaxTokens:    maxTokens,
	}
}

// template is that of the session; sessions without one are explored.
func template(name string) string {
	if slices.Contains(extraction.Templates, name) {
		return name
	}
	return "open_exploration"
}

// write makes a line of what one speaker says in a row; captions of a few words
// would be hard to read, and so would the sentences that run over them.
func write(b *strings.Builder, segs []transcript.Segment) {
	for i, seg := range segs {
		name := seg.SpeakerName()
		switch {
		case i > 0 && name == segs[i-1].SpeakerName() && len(segs[i-1].Text) < maxInline:
			fmt.Fprintf(b, " [%d] %s", seg.Seq, seg.Text)
			continue
		case i > 0:
			b.WriteByte('\n')
		}
		fmt.Fprintf(b, "[%d] ", seg.Seq)
		if name != "" {
			b.WriteString(name + ": ")
		}
		b.WriteString(seg.Text)
	}
	b.WriteByte('\n')
}

// maxInline is the longest segment, in bytes, that another one follows on its
// line.
const maxInline = 400

// known is what the parts before have found: later ones use its names.
type known struct {
	names  []string // "Person: Ana Ruiz (Ana, the registrar)"
	titles []string // of procedures
}

// Names and titles that are handed on, each list: so many, in so many bytes.
const (
	mostKnown      = 100
	mostKnownBytes = 8000
)

func (k known) write(b *strings.Builder) {
	list := func(head string, of []string) {
		if len(of) > 0 {
			b.WriteString(head + "\n")
		}
		room := mostKnownBytes
		for _, line := range of[:min(len(of), mostKnown)] {
			if room -= len(line); room < 0 {
				return
			}
			b.WriteString("- " + line + "\n")
		}
	}
	list("Names found in the parts before; use the same `name` if one of them comes again:", k.names)
	list("Procedures begun in the parts before; use the same `title` for steps that belong to one of them:", k.titles)
}
