package format

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"griot/internal/transcript"
)

const benchWords = "Then I open the request in the form and name the role, always the reader role to begin with."

// megabyte repeats what turn writes about the n-th turn.
func megabyte(head string, turn func(b *strings.Builder, n int), tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for n := 0; b.Len() < 1<<20; n++ {
		turn(&b, n)
	}
	b.WriteString(tail)
	return b.String()
}

func benchmark(b *testing.B, kind Kind, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := Parse(strings.NewReader(text), MaxText, transcript.Hint{})
		if err != nil || p.Format != string(kind) {
			b.Fatal(p.Format, err)
		}
	}
}

func BenchmarkVTT(b *testing.B) {
	benchmark(b, VTT, megabyte("WEBVTT\n", func(b *strings.Builder, n int) {
		fmt.Fprintf(b, "\n%02d:%02d:%02d.000 --> %02d:%02d:%02d.900\n<v Ana Bell>%s &amp; so\non</v>\n", n/3600, n/60%60, n%60, n/3600, n/60%60, n%60, benchWords)
	}, ""))
}

func BenchmarkSRT(b *testing.B) {
	benchmark(b, SRT, megabyte("", func(b *strings.Builder, n int) {
		fmt.Fprintf(b, "%d\n%02d:%02d:%02d,000 --> %02d:%02d:%02d,900\nAna Bell: <i>%s</i>\nand so on\n\n", n+1, n/3600, n/60%60, n%60, n/3600, n/60%60, n%60, benchWords)
	}, ""))
}

func BenchmarkText(b *testing.B) {
	benchmark(b, Text, megabyte("", func(b *strings.Builder, n int) {
		fmt.Fprintf(b, "Ana Bell (%02d:%02d:%02d): %s\n%s\n\n", n/3600, n/60%60, n%60, benchWords, benchWords)
	}, ""))
}

func BenchmarkMarkdown(b *testing.B) {
	benchmark(b, Markdown, megabyte("# Talk\n\n", func(b *strings.Builder, n int) {
		fmt.Fprintf(b, "**Ana Bell:** \\[%02d:%02d:%02d\\] %s A *very* [good](https://example.org/a) one.\n\n%s\n\n", n/3600, n/60%60, n%60, benchWords, benchWords)
	}, ""))
}

func BenchmarkWhisper(b *testing.B) {
	benchmark(b, JSON, megabyte(`{"language":"english","segments":[`, func(b *strings.Builder, n int) {
		fmt.Fprintf(b, `{"id":%d,"seek":0,"start":%d.0,"end":%d.9,"text":" %s","tokens":[50364,440,1723,2],"temperature":0.0,"avg_logprob":-0.23,"compression_ratio":1.5,"no_speech_prob":0.01},`+"\n", n, n, n, benchWords)
	}, `{"text":"end"}]}`))
}

func BenchmarkAmazonTranscribe(b *testing.B) {
	benchmark(b, JSON, megabyte(`{"results":{"language_code":"en-US","items":[`, func(b *strings.Builder, n int) {
		b.WriteString(item(fmt.Sprintf("%d.04", n), fmt.Sprintf("%d.9", n), "reader", fmt.Sprintf(`,"speaker_label":"spk_%d"`, n/20%2)) + ",")
	}, item("", "", ".", "")+`]}}`))
}

func BenchmarkDeepgram(b *testing.B) {
	benchmark(b, JSON, megabyte(`{"results":{"utterances":[`, func(b *strings.Builder, n int) {
		fmt.Fprintf(b, `{"start":%d.04,"end":%d.9,"confidence":0.98,"channel":0,"transcript":"%s","words":[`, n, n, benchWords)
		for range 18 {
			b.WriteString(`{"word":"reader","start":0.04,"end":0.9,"confidence":0.99,"speaker":0,"punctuated_word":"reader"},`)
		}
		b.WriteString(`{"word":"with"}],"speaker":0},`)
	}, `{"transcript":"end"}]}}`))
}

func BenchmarkAssemblyAI(b *testing.B) {
	benchmark(b, JSON, megabyte(`{"language_code":"en_us","utterances":[`, func(b *strings.Builder, n int) {
		fmt.Fprintf(b, `{"confidence":0.9,"start":%d040,"end":%d900,"speaker":"A","text":"%s"},`, n+1, n+1, benchWords)
	}, `{"text":"end"}]}`))
}

func BenchmarkSniff(b *testing.B) {
	head := []byte(strings.Repeat(benchWords+"\n", SniffLen/len(benchWords)+1)[:SniffLen])
	b.SetBytes(SniffLen)
	for b.Loop() {
		if Sniff(head) != Text {
			b.Fatal("not text")
		}
	}
}

// Text that is made to be slow takes no more than its length: 10 MB of each are
// read, or refused, in a few seconds on a laptop.
func BenchmarkHostile(b *testing.B) {
	for _, h := range []struct{ name, piece string }{
		{"one line", "Then "},
		{"no spaces", "x"},
		{"labels", "%d Name: x\n"},
		{"labels of one line", "%d: "},
		{"lines of one letter", "a\n"},
		{"nested Markdown", "**_a *b `[x]("},
		{"bold lines", "**b** "},
		{"times", "[00:01] "},
		{"lines of times", "0:01\n"},
		{"brackets", "[(<"},
		{"cues", "00:01 --> 00:02\na\n"},
		{"tags", "00:01 --> 00:02\n<v a<v b>"},
		{"blank lines", "\n"},
		{"a word and blank lines", "a\n\n\n\n\n"},
		{"deep quotes", "> > > a\n>>>> "},
		{"deep quotes of one line", "> "},
		{"times of all forms", "[%[1]d:%[1]d] a\n%[1]d.%[1]d - b\n(%[1]d min) c\n%[1]dh d\nAna %[1]d/%[1]d/%[1]d e\n"},
		{"dates", "May %[1]d, 2024 at %[1]d:%[1]d Ana: x\n"},
		{"names and times", "Ana%[1]d  %[1]d:%[1]d\nx\n\n"},
		{"open JSON", "{\"a\":["},
		{"open XML", "<a b=\"c\">"},
		{"Windows-1252", "caf\xe9 "},
		{"Shift-JIS", "\x82\xb1\x82\xea\x82\xcd"},
		{"broken UTF-8", "é é é é é \xe2\x80 "},
	} {
		for _, mb := range []int{1, 2, 5, 10} {
			b.Run(fmt.Sprintf("%s/%dMB", h.name, mb), func(b *testing.B) {
				var text strings.Builder
				for n := 0; text.Len() < mb<<20; n++ {
					if strings.Contains(h.piece, "%") {
						fmt.Fprintf(&text, h.piece, n)
					} else {
						text.WriteString(h.piece)
					}
				}
				b.SetBytes(int64(text.Len()))
				before := processorTime()
				for b.Loop() {
					Parse(strings.NewReader(text.String()), MaxText, transcript.Hint{})
				}
				b.ReportMetric((processorTime()-before).Seconds()/float64(b.N), "cpu-s/op")
			})
		}
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
