// Command train learns the models of the rules from the development data and
// writes them to where they are embedded. The same data gives the same bytes.
//
//	go run ./infra/train -data ../shared/data
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
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

// trained is the file that says which code the models were learnt by.
const trained = "infra/train/trained"

// line names a model and what the code learns from the sample, by their digests.
func (c course) line(model []byte) (string, error) {
	dir, err := os.MkdirTemp("", "train")
	if err != nil {
		return "", fmt.Errorf("writing the sample: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := writeSample(dir); err != nil {
		return "", err
	}
	m, err := c.learn(dir)
	if err != nil {
		return "", err
	}
	of, err := weights(m)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %x, of the sample %x\n", c.file, sha256.Sum256(model), sha256.Sum256(of)), nil
}

// weights returns a model as it is before it is compressed, which versions of the
// compressor do not do alike.
func weights(m *linear.Model) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(m.Encode()))
	if err != nil {
		return nil, fmt.Errorf("reading a model: %w", err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("reading a model: %w", err)
	}
	return out, nil
}

// train writes every model below root, and by which code it was learnt.
func train(out io.Writer, data, root string) error {
	by := ""
	for _, c := range courses {
		m, err := c.learn(data)
		if err != nil {
			return err
		}
		encoded := m.Encode()
		if err := os.WriteFile(filepath.Join(root, c.file), encoded, 0o644); err != nil {
			return fmt.Errorf("writing a model: %w", err)
		}
		line, err := c.line(encoded)
		if err != nil {
			return err
		}
		by += line
		fmt.Fprintf(out, "%s: %d bytes\n", c.file, len(encoded))
	}
	if err := os.WriteFile(filepath.Join(root, trained), []byte(by), 0o644); err != nil {
		return fmt.Errorf("writing what the models were learnt by: %w", err)
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
