package format

import (
	"fmt"
	"strings"
	"testing"
)

// longGrid writes a TextGrid as Praat does: a tier is its class, its name and
// labels, each "start end text" or "time mark".
func longGrid(tiers ...[]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0 \nxmax = 9 \ntiers? <exists> \nsize = %d \nitem []: \n", len(tiers))
	for i, t := range tiers {
		fmt.Fprintf(&b, "    item [%d]:\n        class = %q \n        name = %q \n        xmin = 0 \n        xmax = 9 \n        labels: size = %d \n", i+1, t[0], t[1], len(t)-2)
		for j, l := range t[2:] {
			f := strings.SplitN(l, " ", 3)
			if t[0] == "TextTier" {
				fmt.Fprintf(&b, "        points [%d]:\n            number = %s \n            mark = %q \n", j+1, f[0], f[1])
				continue
			}
			text := strings.ReplaceAll(f[2], `"`, `""`)
			fmt.Fprintf(&b, "        intervals [%d]:\n            xmin = %s \n            xmax = %s \n            text = \"%s\" \n", j+1, f[0], f[1], text)
		}
	}
	return b.String()
}

func TestTextGrid(t *testing.T) {
	nora := []string{"IntervalTier", "Nora", "0 2.5 We open \"early\".", "2.5 4 ", "4 5 So."}
	ivo := []string{"IntervalTier", "Ivo Brandt", "0 2.5 ", "2.5 4 Why 1 = 2?", "4 9 "}
	talk := []string{`Nora|0|2500|We open "early".`, "Ivo Brandt|2500|4000|Why 1 = 2?", "Nora|4000|5000|So."}
	check(t, TextGrid, []rule{
		{"long", longGrid(nora, ivo), talk},
		{"short", "File type = \"ooTextFile\"\n\"TextGrid\"\n\n0\n9\n<exists>\n2\n\"IntervalTier\"\n\"Nora\"\n0\n9\n3\n0\n2.5\n\"We open \"\"early\"\".\"\n2.5\n4\n\"\"\n4\n5\n\"So.\"\n" +
			"\"IntervalTier\"\n\"Ivo Brandt\"\n0\n9\n1\n2.5\n4\n\"Why 1 = 2?\"\n", talk},
		{"chronological", "\"Praat chronological TextGrid text file\"\n0 9   ! Time domain.\n2   ! Number of tiers.\n\"IntervalTier\" \"Nora\" 0 9\n\"IntervalTier\" \"Ivo Brandt\" 0 9\n" +
			"1 0 2.5\n\"We open \"\"early\"\".\"\n2 2.5 4\n\"Why 1 = 2?\"\n1 4 5\n\"So.\"\n", talk},
		{"lines inside", longGrid([]string{"IntervalTier", "Nora", "0 1 one\ntwo"}), []string{"Nora|0|1000|one two"}},
		{"points are remarks", longGrid(nora, ivo, []string{"TextTier", "notes", "1.5 door"}), talk},
		{"nothing but points", longGrid([]string{"TextTier", "Nora", "1.5 yes", "2 no"}), []string{"Nora|1500||yes", "Nora|2000||no"}},
		{"silence", longGrid([]string{"IntervalTier", "Nora", "0 1 sil", "1 2 Yes.", "2 3 <p:>", "3 4 sp"}), []string{"Nora|1000|2000|Yes."}},
		{"tiers of sounds", longGrid([]string{"IntervalTier", "Nora - utterances", "0 2 We open."}, []string{"IntervalTier", "Nora - phones", "0 1 w", "1 2 iː"}), []string{"Nora|0|2000|We open."}},
		{"a tier that is no speaker", longGrid([]string{"IntervalTier", "transcription", "0 2 We open."}), []string{"|0|2000|We open."}},
		{"words and sounds", longGrid([]string{"IntervalTier", "Nora - words", "0 1 we", "1 1.4 open", "5 6 so"}, []string{"IntervalTier", "Nora - phones", "0 1 w", "1 2 iː"},
			[]string{"IntervalTier", "Ivo - words", "2 3 why"}), []string{"Nora|0|1400|we open", "Ivo|2000|3000|why", "Nora|5000|6000|so"}},
		{"words of utterances", longGrid([]string{"IntervalTier", "sentence", "0 2 We open."}, []string{"IntervalTier", "words", "0 1 We", "1 2 open."}), []string{"|0|2000|We open."}},
		{"words, as their number tells", longGrid([]string{"IntervalTier", "Nora", "0 1 we", "1 2 open", "2 3 every", "3 4 day", "4 5 at", "5 6 nine", "6 7 or", "7 8 ten"}), []string{"Nora|0|8000|we open every day at nine or ten"}},
		{"WebMAUS", longGrid([]string{"IntervalTier", "ORT-MAU", "0 1 we", "1 2 open"}, []string{"IntervalTier", "KAN-MAU", "0 1 wi", "1 2 oU"}, []string{"IntervalTier", "MAU", "0 1 w", "1 2 O"}), []string{"|0|2000|we open"}},
		{"marks", longGrid([]string{"IntervalTier", "Doctor", "0 1 Take it <UNSURE>twice</UNSURE> a day. <UNIN/>", "1 2 <laugh/>", "2 3 Is 1 <2?"}), []string{"Doctor|0|1000|Take it twice a day.", "Doctor|2000|3000|Is 1 <2?"}},
		{"no tiers that speak", longGrid(ivo, []string{"IntervalTier", "Nora", "0 9 "}), []string{"Ivo Brandt|2500|4000|Why 1 = 2?"}},
	})
	checkFailing(t, []failing{
		{"cut short", strings.SplitAfter(longGrid(nora), "xmax = 4")[0], ParseError, 21},
		{"no times", "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n<exists>\n", ParseError, 4},
		{"nobody speaks", longGrid([]string{"IntervalTier", "Nora", "0 9 "}), EmptyTranscript, 0},
	})
}
