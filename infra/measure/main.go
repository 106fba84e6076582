// Command measure runs the extractor and the search index on the development
// data and prints the figures beside the baselines of the data's README.
//
//	go run ./infra/measure -data ../shared/data
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"text/tabwriter"
)

// row is one figure; Base is the baseline to beat, 0 when none is known.
type row struct {
	task, part, measure string
	value, base         float64
	note                string
}

func main() {
	log.SetFlags(0)
	data := flag.String("data", "../shared/data", "directory of the development data")
	flag.Parse()
	rows, err := measureAll(*data)
	if err != nil {
		log.Fatal(err)
	}
	if err := print(os.Stdout, rows); err != nil {
		log.Fatal(err)
	}
}

func measureAll(dir string) ([]row, error) {
	var all []row
	for _, m := range []func(string) ([]row, error){measureGUM, measureImperatives, measureWNUT, measureRISeC, measureAMI, measureTalk, measureQMSum} {
		rows, err := m(dir)
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
