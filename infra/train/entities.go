package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"griot/infra/corpus"
	"griot/infra/gold"
	"griot/internal/extraction/rules/entity"
	"griot/internal/extraction/rules/linear"
	"griot/internal/transcript"
)

// How much a name of each set counts: the interviews are few, and what is to be
// read is like them.
const (
	interviewWeight = 4
	newsWeight      = 1
	postWeight      = 0.5
)

// learnEntities learns from the repository's interviews, the first writer's of
// the development data, GUM's training documents and WNUT17's training posts.
func learnEntities(data string) (*linear.Model, error) {
	docs, err := interviews(data)
	if err != nil {
		return nil, err
	}
	for _, genre := range []string{"news", "academic"} {
		sents, err := corpus.Genre(data, genre)
		if err != nil {
			return nil, err
		}
		for _, doc := range corpus.ByDoc(sents) {
			if doc[0].Split == "train" {
				docs = append(docs, article(doc))
			}
		}
	}
	posts, err := corpus.Posts(data, "train")
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		docs = append(docs, post(p))
	}
	return entity.Learn(context.Background(), docs)
}

func interviews(data string) ([]entity.Known, error) {
	all, err := gold.Own()
	if err != nil {
		return nil, err
	}
	more, err := gold.Read(os.DirFS(filepath.Join(data, "interviews", "a")))
	if err != nil {
		return nil, err
	}
	var docs []entity.Known
	for _, iv := range append(all, more...) {
		in, err := iv.Input()
		if err != nil {
			return nil, err
		}
		types := map[string]string{}
		for _, e := range iv.Entities {
			for _, n := range append([]string{e.Name}, e.Aliases...) {
				types[plain(n)] = e.Type
			}
		}
		classes := func(spellings []string) []string { return wanted(types, spellings) }
		docs = append(docs, entity.Known{Segments: in.Segments, Weight: interviewWeight, Work: true, Classes: classes},
			entity.Known{Segments: recognised(in.Segments), Weight: interviewWeight / 2, Work: true, Classes: classes})
	}
	return docs, nil
}

// recognised is a talk as some recognisers write it: without capitals, marks and
// speakers.
func recognised(segs []transcript.Segment) []transcript.Segment {
	bare := make([]transcript.Segment, len(segs))
	for i, s := range segs {
		text := strings.Map(func(r rune) rune {
			if strings.ContainsRune(".,?!;:\"", r) {
				return -1
			}
			return unicode.ToLower(r)
		}, s.Text)
		bare[i] = transcript.NewSegment(transcript.Turn{Text: text}, s.Seq, 0)
	}
	return bare
}

// wanted is the type of the gold entity of one of the spellings. Decisions are
// no names: whatever is called like one is not wanted.
func wanted(types map[string]string, spellings []string) []string {
	for _, s := range spellings {
		if t := types[plain(s)]; t != "" && t != "Decision" {
			return []string{t}
		}
	}
	return []string{entity.Other}
}

// plain is a name as names are compared: its words in lower case.
func plain(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// classesOf are those that a thing of another set's type may belong to.
var classesOf = map[string][]string{
	"person": {"Person"}, "organization": {"Vendor", "Team", "Customer"}, "corporation": {"Vendor", "Customer"},
	"group": {"Team", "Vendor", "Customer", entity.Other}, "product": {"System"},
	"place": {entity.Other}, "location": {entity.Other}, "time": {entity.Other}, "event": {entity.Other}, "creative-work": {entity.Other},
	"abstract": {entity.Other, "System", "Policy"}, "object": {"System", entity.Other}, "substance": {entity.Other},
}

// named are names in their plain spelling with their types.
type named []struct{ name, kind string }

func (n *named) add(text, kind string) {
	*n = append(*n, struct{ name, kind string }{plain(text), kind})
}

// classes of a name in these spellings: those of the name that is spelt so, or
// of one that is a part of it or has it as a part, since the sets bound names
// otherwise.
func (n named) classes(spellings []string) []string {
	for _, same := range []func(a, b string) bool{
		func(a, b string) bool { return a == b },
		func(a, b string) bool { return strings.HasSuffix(a, " "+b) },
		func(a, b string) bool { return strings.HasSuffix(b, " "+a) || strings.HasPrefix(b, a+" ") },
	} {
		for _, s := range spellings {
			for _, known := range n {
				if same(plain(s), known.name) {
					return classesOf[known.kind]
				}
			}
		}
	}
	return []string{entity.Other}
}

func article(doc []corpus.Sentence) entity.Known {
	var names named
	var segs []transcript.Segment
	for i, s := range doc {
		text, ends := s.Join()
		for _, n := range s.Names() {
			names.add(text[ends[n.From][0]:ends[n.To-1][1]], n.Type)
		}
		segs = append(segs, transcript.NewSegment(transcript.Turn{Text: text}, int64(i+1), 0))
	}
	return entity.Known{Segments: segs, Weight: newsWeight, Classes: names.classes}
}

func post(p corpus.Post) entity.Known {
	var names named
	for _, n := range p.Names {
		names.add(p.Text[n.From:n.To], n.Type)
	}
	return entity.Known{
		Segments: []transcript.Segment{transcript.NewSegment(transcript.Turn{Text: p.Text}, 1, 0)},
		Weight:   postWeight, Classes: names.classes,
	}
}
