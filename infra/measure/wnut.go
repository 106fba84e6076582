package main

import (
	"griot/infra/corpus"
	"griot/internal/extraction/rules/english"
)

// measureWNUT measures names in posts of the web; each post stands
// alone, and times are no names there.
func measureWNUT(dir string) ([]row, error) {
	var rows []row
	for _, part := range []string{"train", "dev"} {
		posts, err := corpus.Posts(dir, part)
		if err != nil {
			return nil, err
		}
		var c counts
		for _, p := range posts {
			gold := map[[2]int]bool{}
			for _, n := range p.Names {
				gold[[2]int{n.From, n.To}] = true
			}
			c.add(namesIn(english.NameFinder{}, p.Text, english.Time), gold)
		}
		base := map[string]float64{"dev": 0.450}[part]
		rows = append(rows, row{"names, WNUT17", part, "F1 exact", c.f1(), base, c.note()})
	}
	return rows, nil
}
