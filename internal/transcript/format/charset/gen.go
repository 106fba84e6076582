//go:build ignore

// Gen writes letters.txt from lists of words: a file for each language, named
// by it (fr.txt), with a word, a tab and its frequency on each line.
//
//	go run gen.go DIR
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	alphabetic = "af ca da de es et fi fr ga is it nb nl pt sq sv cs hu lt lv pl ro sk sl tr be bg mk ru sr uk he"
	rareLetter = 2e-5 // share of a language's letters below which one is foreign to it
)

// ideographic languages, and how many of their characters are listed.
var ideographic = map[string]int{"ja": 1600, "ko": 1300, "zh": 2400}

func main() {
	out, err := os.Create("letters.txt")
	if err != nil {
		log.Fatal(err)
	}
	for _, lang := range strings.Fields(alphabetic) {
		digraphs(out, lang, words(lang))
	}
	for _, lang := range slices.Sorted(maps.Keys(ideographic)) {
		characters(out, lang, words(lang))
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
}

func words(lang string) map[string]float64 {
	f, err := os.Open(filepath.Join(os.Args[1], lang+".txt"))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	all := map[string]float64{}
	for s := bufio.NewScanner(f); s.Scan(); {
		word, frequency, _ := strings.Cut(s.Text(), "\t")
		n, err := strconv.ParseFloat(frequency, 64)
		if err != nil {
			log.Fatal(err)
		}
		all[word] = n
	}
	return all
}

// digraphs writes a line for each letter: what each letter after it costs,
// without those of ASCII after another.
func digraphs(out *os.File, lang string, words map[string]float64) {
	pairs, single, total := map[[2]rune]float64{}, map[rune]float64{}, 0.0
	for w, n := range words {
		before := '|'
		for _, r := range strings.ToLower(w) + "|" {
			if !unicode.IsLetter(r) {
				r = '|'
			}
			pairs[[2]rune{before, r}] += n
			single[before] += n
			total += n
			before = r
		}
	}
	alphabet := slices.DeleteFunc(slices.Sorted(maps.Keys(single)), func(r rune) bool {
		return r != '|' && (single[r] < rareLetter*total || foreign(lang, r))
	})
	fmt.Fprintf(out, "%s %s\n", lang, string(alphabet))
	for _, a := range alphabet {
		row := []rune{a}
		for _, b := range alphabet {
			if a > 0x7F || b > 0x7F {
				row = append(row, level(pairs[[2]rune{a, b}]/single[a]))
			}
		}
		fmt.Fprintln(out, string(row))
	}
}

// foreign recognises letters of another alphabet than the language's.
func foreign(lang string, r rune) bool {
	script := unicode.Latin
	switch {
	case lang == "he":
		script = unicode.Hebrew
	case strings.Contains("be bg mk ru sr uk", lang):
		script = unicode.Cyrillic
	}
	return !unicode.Is(script, r) || r == 'ª' || r == 'º'
}

// characters writes the most frequent ones, a line for each cost.
func characters(out *os.File, lang string, words map[string]float64) {
	single, total := map[rune]float64{}, 0.0
	for w, n := range words {
		for _, r := range w {
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー' {
				single[r] += n
				total += n
			}
		}
	}
	list := slices.SortedFunc(maps.Keys(single), func(a, b rune) int { return cmp.Or(cmp.Compare(single[b], single[a]), cmp.Compare(a, b)) })
	list = list[:min(len(list), ideographic[lang])]
	fmt.Fprintf(out, "%s *\n", lang)
	var row []rune
	for i, r := range list {
		if c := level(single[r] / total); len(row) == 0 || row[0] != c {
			if row != nil {
				fmt.Fprintln(out, string(row))
			}
			row = []rune{c}
		}
		row = append(row, list[i])
	}
	fmt.Fprintln(out, string(row))
}

// level is the cost of a probability, -ln p in halves, as a digit to base 36.
func level(p float64) rune {
	half := min(35, int(math.Round(-2*math.Log(max(p, 1e-12)))))
	return rune(strconv.FormatInt(int64(min(half, 22)), 36)[0])
}
