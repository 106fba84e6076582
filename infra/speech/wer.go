package speech

import (
	"strings"
	"unicode"
)

// WER is the word error rate: how many words have to be put in, taken out or
// changed to make said of heard, for each word of said. Case and punctuation
// do not count.
func WER(said, heard string) float64 {
	want, got := words(said), words(heard)
	row := make([]int, len(got)+1) // changes from want[:i] to each got[:j]
	for j := range row {
		row[j] = j
	}
	for i, w := range want {
		diagonal := row[0]
		row[0] = i + 1
		for j, g := range got {
			change := diagonal
			if w != g {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return float64(row[len(got)]) / float64(max(len(want), 1))
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
}
