// Command measure runs the extractor and the search index on the repository's
// own interviews and on the development data, and prints the figures beside the
// baselines of the data's README.
//
//	go run ./infra/measure -data ../shared/data
//
// With -model-url, -requests or -answers it has the interviews only: a model
// reads them, or what one would be asked is written, or what one has answered
// is scored.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"griot/infra/corpus"
	"griot/infra/gold"
	"griot/infra/modelserver"
	"griot/internal/extraction/prompt"
	"griot/internal/extraction/rules"
	"griot/internal/llm"
)

// row is one figure; Base is the baseline to beat, 0 when none is known.
type row struct {
	task, part, measure string
	value, base         float64
	note                string
}

// options are the flags.
type options struct {
	data, requests, answers string
	model                   modelserver.Options
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.data, "data", "../shared/data", "`directory` of the development data")
	flag.StringVar(&o.requests, "requests", "", "write every request to a model about the interviews into `directory`, as HASH.json")
	flag.StringVar(&o.answers, "answers", "", "score the answers of a model in `directory`, HASH.json for the request of that hash;\nwith -model-url, those that are missing are asked for and kept there")
	o.model.Flags(flag.CommandLine, "have the interviews read")
	flag.Parse()
	if err := o.model.Check(); err != nil {
		log.Fatal(err)
	}
	rows, unread := measureAll(o)
	if len(rows) > 0 {
		if err := print(os.Stdout, rows); err != nil {
			log.Fatal(err)
		}
	}
	if unread != nil {
		log.Fatal(unread)
	}
}

// measureAll returns what could be measured, and what not.
func measureAll(o options) ([]row, error) {
	sets, err := interviewSets(o.data)
	if err != nil {
		return nil, err
	}
	if o.model.URL != "" || o.requests != "" || o.answers != "" {
		return measureModel(o, sets)
	}
	rows, err := measureInterviews(sets, rules.Extractor())
	if err != nil {
		return nil, err
	}
	if len(sets) == 1 {
		log.Printf("not measured: interviews of others. Not in %s: interviews/*/gold.json, as infra/gold has them", o.data)
	}
	development, err := measureData(o.data)
	return append(rows, development...), err
}

// measureModel has a model read the interviews, or what is left of one.
func measureModel(o options, sets []set) ([]row, error) {
	for _, dir := range []string{o.requests, o.answers} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	model := &gold.Recorded{Requests: o.requests, Answers: o.answers}
	if m := o.model.Open(); m != nil {
		model.Model = llm.Patient(m)
	}
	rows, err := measureInterviews(sets, prompt.Extractor(model))
	if o.answers == "" && o.model.URL == "" {
		log.Print(err) // which requests are whose; the answers are yet to be given
		return rows, nil
	}
	if missing := model.Missing(); len(missing) > 0 {
		err = fmt.Errorf("%w\n%d answers are missing:\n%s", err, len(missing), strings.Join(missing, "\n"))
	}
	return rows, err
}

// study is a measurement on sets of others.
type study struct {
	of   string
	sets []corpus.Set
	run  func(dir string) ([]row, error)
}

var studies = []study{
	{"names in news and academic texts", []corpus.Set{corpus.GUM}, measureGUM},
	{"steps among other sentences", []corpus.Set{corpus.GUM, corpus.RISeC}, measureImperatives},
	{"names in posts", []corpus.Set{corpus.WNUT}, measureWNUT},
	{"steps of recipes", []corpus.Set{corpus.RISeC}, measureRISeC},
	{"evidence of decisions and problems", []corpus.Set{corpus.AMI}, measureAMI},
	{"false alarms in free talk", []corpus.Set{corpus.QMSum}, measureTalk},
	{"search in meetings", []corpus.Set{corpus.QMSum}, measureQMSum},
}

// measureData has what the interviews say nothing of. What it has no data for
// it names, with where that is from.
func measureData(dir string) ([]row, error) {
	var all []row
	for _, s := range studies {
		missing := slices.DeleteFunc(slices.Clone(s.sets), func(set corpus.Set) bool { return set.In(dir) })
		if len(missing) > 0 {
			log.Printf("not measured: %s. Not in %s: %v", s.of, dir, missing)
			continue
		}
		rows, err := s.run(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func print(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "task\tpart\tmeasure\tvalue\tbaseline\tnote")
	for _, r := range rows {
		base := "-"
		if r.base > 0 {
			base = fmt.Sprintf("%.3f", r.base)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%.3f\t%s\t%s\n", r.task, r.part, r.measure, r.value, base, r.note)
	}
	return t.Flush()
}
