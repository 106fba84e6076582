// Command train learns the models of the rules from the development data and
// writes them to where they are embedded. The same data gives the same bytes.
//
//	go run ./infra/train -data ../shared/data
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"griot/infra/corpus"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/linear"
)

// course is how a model is learnt; file is where it stands in the repository.
type course struct {
	file  string
	learn func(data string) (*linear.Model, error)
}

var courses = []course{
	{"internal/extraction/rules/document/worth.model", learnWorth},
	{"internal/extraction/rules/entity/entity.model", learnEntities},
}

func main() {
	log.SetFlags(0)
	data := flag.String("data", "../shared/data", "directory of the development data")
	root := flag.String("root", ".", "the repository's directory")
	flag.Parse()
	if err := train(os.Stdout, *data, *root); err != nil {
		log.Fatal(err)
	}
}

// train writes every model below root.
func train(out io.Writer, data, root string) error {
	for _, c := range courses {
		m, err := c.learn(data)
		if err != nil {
			return err
		}
		encoded := m.Encode()
		if err := os.WriteFile(filepath.Join(root, c.file), encoded, 0o644); err != nil {
			return fmt.Errorf("writing a model: %w", err)
		}
		fmt.Fprintf(out, "%s: %d bytes\n", c.file, len(encoded))
	}
	return nil
}

// learnWorth learns from the training meetings of AMI; the others are for
// measuring.
func learnWorth(data string) (*linear.Model, error) {
	meetings, err := corpus.Meetings(data)
	if err != nil {
		return nil, err
	}
	var docs []document.Judged
	for _, m := range meetings {
		if m.Split == "train" {
			docs = append(docs, m.Judged())
		}
	}
	if len(docs) == 0 {
		return nil, errors.New("there is no meeting to learn from")
	}
	return document.LearnWorth(docs), nil
}
