package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Set is data that others have published.
type Set struct {
	Name    string
	Files   []string // made of it, in the directory of the development data
	Source  string
	Licence string
}

// Sets that figures are measured on and models are learnt from.
var (
	QMSum = Set{"QMSum", []string{"qmsum.jsonl.gz"}, "github.com/Yale-LILY/QMSum at 83d7768c, train and validation", "MIT, its transcripts of AMI and ICSI CC BY 4.0"}
	AMI   = Set{"ExplainMeetSum", []string{"ami-items.jsonl.gz"}, "github.com/hkim-etri/ExplainMeetSum at d8459311, train and validation", "MIT, its annotations of AMI CC BY 4.0"}
	GUM   = Set{"GUM", []string{"gum-news.jsonl.gz", "gum-academic.jsonl.gz"}, "github.com/amir-zeldes/gum at 72ce5ac1, news and academic", "CC BY 4.0"}
	WNUT  = Set{"WNUT17", []string{"wnut17train.conll", "wnut17dev.conll"}, "github.com/leondz/emerging_entities_17 at e52a2d2a, train and development", "CC BY 4.0"}
	RISeC = Set{"RISeC", []string{"risec.jsonl.gz"}, "github.com/YiweiJiang2015/RISeC at 70b9a0b4, every second recipe", "MIT"}
)

// Sets are all of them.
func Sets() []Set { return []Set{QMSum, AMI, GUM, WNUT, RISeC} }

// In reports whether the directory has the set.
func (s Set) In(dir string) bool {
	return !slices.ContainsFunc(s.Files, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err != nil
	})
}

// String says what it is and where it is from.
func (s Set) String() string {
	return fmt.Sprintf("%s (%s: %s; %s)", s.Name, strings.Join(s.Files, ", "), s.Source, s.Licence)
}
