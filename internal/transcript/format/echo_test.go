package format

import (
	"fmt"
	"strings"
	"testing"

	"griot/internal/transcript"
)

// channels is an answer of Amazon Transcribe's by channels. A line is the
// number of one, the seconds from and to, and what is said.
func channels(lines ...string) string {
	var segments []string
	items := map[string][]string{}
	for i, line := range lines {
		f := strings.SplitN(line, " ", 4)
		segments = append(segments, fmt.Sprintf(`{"id":%d,"transcript":%q,"start_time":%q,"end_time":%q,"channel_label":"ch_%s","items":[]}`, i, f[3], f[1], f[2], f[0]))
		items[f[0]] = append(items[f[0]], item(f[1], f[2], f[3], `,"channel_label":"ch_`+f[0]+`"`))
	}
	var list []string
	for _, n := range []string{"0", "1"} {
		list = append(list, `{"channel_label":"ch_`+n+`","items":[`+strings.Join(items[n], ",")+`]}`)
	}
	return `{"jobName":"j","accountId":"1","status":"COMPLETED","results":{"transcripts":[{"transcript":"x"}],"channel_labels":{"number_of_channels":2,"channels":[` +
		strings.Join(list, ",") + `]},"items":[],"audio_segments":[` + strings.Join(segments, ",") + `]}}`
}

func TestSameSoundOnBothChannels(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  string // channel and beginning of each turn
		once  bool
	}{
		"a voice memo in stereo": {[]string{
			"0 0.0 3.1 We fire the kiln on Tuesdays.", "1 0.0 3.1 We fire the kiln on Tuesdays.",
			"0 4.0 6.5 Unless it rains all day.", "1 4.0 6.5 Unless it rains all day.",
		}, " 0| 4000", true},
		"heard a little differently": {[]string{
			"0 0.0 3.1 We fire the kiln on Tuesdays.", "1 0.1 3.1 We fire the killed on Tuesdays,",
			"0 4.0 6.5 Unless it rains all day.", "1 4.0 9.5 unless it rains all day and then we wait for sun.",
			"0 6.6 9.5 And then we wait for sun.",
		}, " 0| 4000| 6600", true},
		"two who talk": {[]string{
			"0 0.0 3.1 When do you fire the kiln?", "1 3.3 5.0 We fire the kiln on Tuesdays.",
			"0 5.2 6.5 On Tuesdays, every week?", "1 6.6 9.5 Unless it rains all day.",
		}, "ch_0 0|ch_1 3300|ch_0 5200|ch_1 6600", false},
		"one repeats the other": {[]string{
			"0 0.0 2.0 The number is four seven one one.", "1 2.2 4.0 The number is four seven one one.",
			"0 4.2 5.0 That is right.",
		}, "ch_0 0|ch_1 2200|ch_0 4200", false},
		"both talk at a time": {[]string{
			"0 0.0 5.0 So what I meant was that the glaze runs.", "1 0.2 4.8 No listen it was never the glaze at all.",
			"0 5.0 8.0 It does when the shelf is hot.", "1 5.1 7.9 The shelf was cold that morning.",
		}, "ch_0 0|ch_1 200|ch_0 5000|ch_1 5100", false},
		"a microphone that hears both": {[]string{
			"0 0.0 3.1 When do you fire the kiln?", "0 3.3 5.0 We fire the kiln on Tuesdays.", "1 3.3 5.0 We fire the kiln on Tuesdays.",
		}, " 0| 3300", true},
		"without spaces": {[]string{"0 0.0 3.1 我们星期二烧窑。", "1 0.0 3.1 我们星期二烧窑。"}, " 0", true},
		"a word each":    {[]string{"0 0.0 1.0 Yes.", "1 0.0 1.0 Yes."}, "ch_0 0|ch_1 0", false},
		"one side only":  {[]string{"1 0.0 3.1 We fire the kiln on Tuesdays.", "1 4.0 6.5 Unless it rains."}, " 0| 4000", false},
	} {
		p := mustParse(t, channels(test.lines...))
		var got []string
		for _, turn := range p.Turns {
			got = append(got, fmt.Sprint(turn.Speaker, " ", *turn.StartMS))
		}
		once := false
		for _, w := range p.Reading.Warnings {
			once = once || w.Code == transcript.RepeatedLines
		}
		if strings.Join(got, "|") != test.want || once != test.once {
			t.Errorf("%s: %q, once %v, want %q", name, got, once, test.want)
		}
	}
}
