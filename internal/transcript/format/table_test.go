package format

import (
	"errors"
	"strings"
	"testing"

	"griot/internal/transcript"
)

// rows writes a table of one line per row.
func rows(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

func TestCSV(t *testing.T) {
	talk := []string{"Nora Haddad|1000|3000|We open, always, at nine.", `Ivo Brandt|3000|5000|And the "late" ones?`}
	check(t, CSV, []rule{
		{"plain", rows("Speaker,Start,End,Text", `Nora Haddad,00:00:01,00:00:03,"We open, always, at nine."`, `Ivo Brandt,00:00:03,00:00:05,"And the ""late"" ones?"`), talk},
		{"BOM, CR LF", "\ufeff" + strings.ReplaceAll(rows("Text,Speaker,Start,End", `"We open, always, at nine.",Nora Haddad,0:01,0:03`, `"And the ""late"" ones?",Ivo Brandt,0:03,0:05`), "\n", "\r\n"), talk},
		{"semicolons, decimal commas", rows("sep=;", "Sprecherin;Anfang;Ende;Inhalt", "Nora Haddad;1,0;3,00;We open, always, at nine.", `Ivo Brandt;3;5;"And the ""late"" ones?"`), talk},
		{"bars", rows("Start|End|Speaker|Text", "1.0|3.0|Nora Haddad|We open, always, at nine.", `3.0|5.0|Ivo Brandt|And the "late" ones?`), talk},
		{"a space after each comma", rows("Speaker, Start, End, Text", `Nora Haddad, 00:00:01, 00:00:03, "We open, always, at nine."`, `Ivo Brandt, 00:00:03, 00:00:05, "And the ""late"" ones?"`), talk},
		{"commas without quotes", rows("Speaker,Start,End,Text", "Nora Haddad,1.0,3.0,We open, always, at nine.", `Ivo Brandt,3.0,5.0,And the "late" ones?`), talk},
		{"a quote that nobody closes", rows("Speaker,Start,End,Text", `Nora Haddad,1.0,3.0,"We open, always, at nine.`, `Ivo Brandt,3.0,5.0,"And the ""late"" ones?"`),
			[]string{`Nora Haddad|1000|3000|"We open, always, at nine.`, talk[1]}},
		{"lines in a cell", rows("Speaker,Text", "Nora,\"We open.\nAlways, at nine.\"", "Ivo,Why?"), []string{"Nora|||We open. Always, at nine.", "Ivo|||Why?"}},
		{"blank rows, blank cells", rows("Speaker,Start,Text", "", "Nora,0:01,We open.", ",,", "Ivo,0:03,  ", "Ivo,0:04,Why?"), []string{"Nora|1000||We open.", "Ivo|4000||Why?"}},
		{"a name where it changes", rows("Time,Speaker,Text", "0:01,Nora,We open.", "0:03,,At nine.", "0:05,Ivo,Why?", "0:06,,Hm."),
			[]string{"Nora|1000||We open.", "Nora|3000||At nine.", "Ivo|5000||Why?", "Ivo|6000||Hm."}},
		{"nobody", rows("Time,Speaker,Text", "0:01,Nora,We open.", "0:03,Nora,At nine.", "0:05,,(noise)", "0:06,NaN,Hm."),
			[]string{"Nora|1000||We open.", "Nora|3000||At nine.", "|5000||(noise)", "|6000||Hm."}},
		{"numbers for names", rows("speaker,start,end,text", "0,0.5,1.5,We open.", "1,1.5,2.5,Why?"), []string{"Speaker 0|500|1500|We open.", "Speaker 1|1500|2500|Why?"}},
		{"channels", rows("channel,start,end,text", "0,0.5,1.5,We open.", "1,1.5,2.5,Why?"), []string{"Channel 0|500|1500|We open.", "Channel 1|1500|2500|Why?"}},
		{"a title above", rows("Interview 12,,", ",,", "Time,Speaker,Text", "0:01,Nora,We open.", "0:02,Ivo,Why?"), []string{"Nora|1000||We open.", "Ivo|2000||Why?"}},
		{"more columns", rows("No.,In,Out,Style,Name,Layer,Subtitle", "1,00:00:01.000,00:00:03.500,Default,Nora,0,We open.", "2,00:00:04.000,00:00:06.000,Default,Ivo,1,Why?"),
			[]string{"Nora|1000|3500|We open.", "Ivo|4000|6000|Why?"}},
		{"markup of pages", rows("Speaker,Text", "Nora &amp; Ivo,We&nbsp;open.<br>Always.", "Bo,Q&amp;A"), []string{"Nora & Ivo|||We\u00a0open. Always.", "Bo|||Q&A"}},
		{"a role", rows("speaker,role,text", "Nora,Host,We open.", "Ivo,Guest,Why?"), []string{"Nora|||We open.", "Ivo|||Why?"}},
		{"a role is the name", rows("role;content", "interviewer;Why?", "participant;We open at nine."), []string{"interviewer|||Why?", "participant|||We open at nine."}},
		{"names in the words", rows("start,end,text", "0.0,2.0,Nora: We open.", "2.0,3.0,Ivo: Why?", "3.0,4.0,Nora: So."), []string{"Nora|0|2000|We open.", "Ivo|2000|3000|Why?", "Nora|3000|4000|So."}},
		{"from is who", rows("time,from,message", "0:01,Nora,We open.", "0:04,Ivo,Why?"), []string{"Nora|1000||We open.", "Ivo|4000||Why?"}},
		{"from is when", rows("from,to,who,what was said,text", "1.0,2.0,Nora,,We open.", "2.0,4.0,Ivo,,Why?"), []string{"Nora|1000|2000|We open.", "Ivo|2000|4000|Why?"}},
		{"onset and offset", rows("onset,offset,speaker,utterance", "1.0,2.0,Nora,We open.", "2.0,4.0,Ivo,Why?"), []string{"Nora|1000|2000|We open.", "Ivo|2000|4000|Why?"}},
		{"headers of which one is known", rows("Intervenante,Ce qui est dit,Remarque", "Léa,On ouvre à neuf heures,", "Paul,Et pourquoi donc,", "Léa,Parce que tout le monde dort,bruit"),
			[]string{"Léa|||On ouvre à neuf heures", "Paul|||Et pourquoi donc", "Léa|||Parce que tout le monde dort"}},
		{"headers that are not known", rows("Hvenær;Hver;Hvað", "00:01;Lóa;Við opnum klukkan níu", "00:05;Páll;Hvers vegna þá", "00:09;Lóa;Af því að allir sofa"),
			[]string{"Lóa|1000||Við opnum klukkan níu", "Páll|5000||Hvers vegna þá", "Lóa|9000||Af því að allir sofa"}},
		{"no headers", rows("0:00:01,0:00:03,Nora Haddad,We open at nine", "0:00:03,0:00:05,Ivo,Why is that", `0:00:05,0:00:07,Nora Haddad,"So, then"`),
			[]string{"Nora Haddad|1000|3000|We open at nine", "Ivo|3000|5000|Why is that", "Nora Haddad|5000|7000|So, then"}},
		{"another script", rows("話者,開始時間,終了時間,発言内容", "田中,00:00:01,00:00:03,始めましょう。", "鈴木,00:00:03,00:00:05,はい。"), []string{"田中|1000|3000|始めましょう。", "鈴木|3000|5000|はい。"}},
	})
	check(t, Text, []rule{
		{"prose with commas", rows("Nora, what do we do, then", "Ivo, nothing, really", "Well, yes, no", "We, they, them"),
			[]string{"|||Nora, what do we do, then Ivo, nothing, really Well, yes, no We, they, them"}},
		{"lists", rows("Tea, milk, sugar", "Bread, butter, jam", "Salt, pepper, oil", "Eggs, flour, yeast"), []string{"|||Tea, milk, sugar Bread, butter, jam Salt, pepper, oil Eggs, flour, yeast"}},
		{"names, with commas after", rows("Nora: We open, always, at nine.", "Ivo: Time, text, speaker, all of it.", "Nora: So, well, then."),
			[]string{"Nora|||We open, always, at nine.", "Ivo|||Time, text, speaker, all of it.", "Nora|||So, well, then."}},
		{"names and tabs", rows("Nora Haddad\tWe open.", "Ivo\tWhy?", "Nora Haddad\tSo."), []string{"Nora Haddad|||We open.", "Ivo|||Why?", "Nora Haddad|||So."}},
	})
	checkFailing(t, []failing{
		{"goods", rows("sku,title,price,stock", "1,Chair,3.20,4", "2,Lamp,4.00,0", "3,Bed,5.00,1"), UnsupportedFormat, 0},
		{"no rows", rows("Speaker,Start,End,Text"), EmptyTranscript, 0},
	})
}

func TestTSV(t *testing.T) {
	check(t, TSV, []rule{
		{"Whisper", rows("start\tend\ttext", "0\t3320\t We open at nine.", "3320\t5000\tWhy is that?"), []string{"|0|3320|We open at nine.", "|3320|5000|Why is that?"}},
		{"quotes are words", rows("start\tend\ttext", "0\t2000\t\"Early,\" she said.", "2000\t4000\t\"And then", "4000\t6000\twe opened.\""),
			[]string{`|0|2000|"Early," she said.`, `|2000|4000|"And then`, `|4000|6000|we opened."`}},
		{"NVivo", rows("Timespan\tContent\tSpeaker", "0:00.0 - 0:05.3\tWe open.\tNora", "0:05.3 - 0:09.0\tWhy?\tIvo"), []string{"Nora|0|5300|We open.", "Ivo|5300|9000|Why?"}},
		{"lines in a cell", rows("Speaker\tText", "Nora\t\"We open.\nAt nine.\"", "Ivo\tWhy?"), []string{"Nora|||We open. At nine.", "Ivo|||Why?"}},
	})
}

func TestMarkdownTable(t *testing.T) {
	check(t, Markdown, []rule{
		{"under a heading", rows("# Voice-over", "", "| Time | Speaker | Text | Mood |", "|------|:-------:|------|------|", `| 0:00 | **Nora** | We open at nine \| *sharp*. | calm |`, "| `0:03` | Ivo | Why?<br>Really? | |", "| [0:06] | Nora | So. | |"),
			[]string{"Nora|0||We open at nine | sharp.", "Ivo|3000||Why? Really?", "Nora|6000||So."}},
		{"without bars outside", rows("Speaker | Text", "--- | ---", "Nora | We open.", "Ivo | Why?"), []string{"Nora|||We open.", "Ivo|||Why?"}},
		{"part by part", rows("| Who | What | Words |", "|--|--|--|", "| Nora | x | We open. |", "", "## Later", "", "| Who | What | Words |", "|--|--|--|", "| Ivo | y | Why? |"),
			[]string{"Nora|||We open.", "Ivo|||Why?"}},
		{"no table", rows("## Talk | of the day", "", "**Nora:** We open.", "", "**Ivo:** Why?", "", "**Nora:** So."),
			[]string{"Nora|||We open.", "Ivo|||Why?", "Nora|||So."}},
	})
}

// A row for each word makes no segment for each.
func TestTableOfWords(t *testing.T) {
	words := []string{"We,0.0,0.2,Nora", "open,0.2,0.5,Nora", "at,0.5,0.6,Nora", "nine.,0.6,1.0,Nora", "Why,1.6,1.8,Ivo", "is,1.8,1.9,Ivo", "that?,1.9,2.2,Ivo", "So.,5,5.2,Ivo"}
	check(t, CSV, []rule{
		{"words", rows(append([]string{"word,start,end,speaker"}, words...)...), []string{"Nora|0|1000|We open at nine.", "Ivo|1600|2200|Why is that?", "Ivo|5000|5200|So."}},
		{"short answers", rows("text,start,end,speaker", "Yes.,0,1,Nora", "No.,1,2,Ivo", "Yes.,2,3,Nora", "No.,3,4,Ivo", "Yes.,4,5,Nora", "No.,5,6,Ivo", "Yes.,6,7,Nora", "No.,7,8,Nora"),
			[]string{"Nora|0|1000|Yes.", "Ivo|1000|2000|No.", "Nora|2000|3000|Yes.", "Ivo|3000|4000|No.", "Nora|4000|5000|Yes.", "Ivo|5000|6000|No.", "Nora|6000|7000|Yes.", "Nora|7000|8000|No."}},
	})
}

func TestTimesOfTables(t *testing.T) {
	for _, r := range []struct{ name, head, first, second, want string }{
		{"hours", "Start,End", "00:00:01,00:00:03", "01:00:03,01:00:05", "1000-3000 3603000-3605000"},
		{"thousandths", "Start,End", "00:00:01.250,00:00:03.5", `"00:00:03,750","00:00:05,000"`, "1250-3500 3750-5000"},
		{"frames", "Start Time,End Time", "00:00:00:03,00:00:02:15", "00;00;02;24,00:00:04;00", "100-2500 2800-4000"},
		{"frames of sixty", "Start Time,End Time", "00:00:00:00,00:00:02:30", "00:00:02:45,00:00:04:54", "0-2500 2750-4900"},
		{"seconds", "start,end", "0.031,1.2", "1.3,2.75", "31-1200 1300-2750"},
		{"whole seconds", "start,end", "0,2", "2,5", "0-2000 2000-5000"},
		{"thousandths of a second", "start,end", "0,1200", "1300,2750", "0-1200 1300-2750"},
		{"as floats", "start,end", "0.0,1200.0", "1300.0,2750.0", "0-1200 1300-2750"},
		{"ticks", "start,end", "0,12000000", "13000000,27500000", "0-1200 1300-2750"},
		{"a unit in the header", "start_ms,end_ms", "1,2", "3,4", "1-2 3-4"},
		{"a unit in brackets", "Begin (s),Duration (ms)", "100,250", "200,350", "100000-100250 200000-200350"},
		{"a unit in words", "Start time in milliseconds,End time in milliseconds", "1,2", "3,4", "1-2 3-4"},
		{"units in the cells", "Start,Duration", "1.5s,500ms", "1m 2s,PT1.5S", "1500-2000 62000-63500"},
		{"starts alone", "start,confidence", "0,0.9", "2500,0.8", "0- 2500-"},
		{"a range", "Time,Notes", "0:01 - 0:03,", "[00:03 --> 00:05],", "1000-3000 3000-5000"},
		{"brackets", "Timestamp,Notes", "[00:01],", "(00:03),", "1000- 3000-"},
		{"times of day", "Time,Notes", "9:59:58 AM,", "10:00:01 AM,", "0- 3000-"},
		{"dates", "Date,Time", "2026-05-04,2026-05-04T09:59:58.500+02:00", "2026-05-04,2026-05-04T10:00:01.000+02:00", "0- 2500-"},
		{"clocks on the wall", "Time,Notes", "14:03:00,", "14:03:05,", "0- 5000-"},
		{"a time that is none", "Start,End", "00:00:01,00:00:03", "later,", "1000-3000 -"},
	} {
		t.Run(r.name, func(t *testing.T) {
			in := rows(r.head+",Speaker,Text", r.first+",Nora,we open early", r.second+",Ivo,why is that")
			p, err := Parse(strings.NewReader(in), MaxText, transcript.Hint{})
			if err != nil || len(p.Turns) != 2 {
				t.Fatal(p.Turns, err)
			}
			var got []string
			for _, said := range p.Turns {
				got = append(got, number(said.StartMS)+"-"+number(said.EndMS))
			}
			if s := strings.Join(got, " "); s != r.want {
				t.Errorf("%s, want %s", s, r.want)
			}
		})
	}
}

// The frames of a file say how many a second has, if there are enough.
func TestFrameRateOfTable(t *testing.T) {
	lines := []string{"Speaker,In,Out,Text"}
	for i := range 25 {
		lines = append(lines, strings.ReplaceAll("Nora,00:00:01:NN,00:00:02:NN,Hm hm", "NN", string([]byte{'0' + byte(i/10), '0' + byte(i%10)})))
	}
	p := mustParse(t, rows(lines...))
	if s, e := *p.Turns[24].StartMS, *p.Turns[10].EndMS; s != 1960 || e != 2400 {
		t.Errorf("frame 24 is at %d ms, frame 10 at %d ms, want 25 a second", s, e)
	}
}

func TestReadingOfTable(t *testing.T) {
	p := mustParse(t, rows("A talk,,", "Time,Speaker,Text", "9:59:58 AM,Nora,We open.", "soon,Ivo,Why?", "10:00:01 AM,Ivo,[BLANK_AUDIO]"))
	if r := p.Reading; r.Layout != "table" || r.PassedOver != 2 || !r.Timed {
		t.Errorf("%+v", r)
	}
	codes := map[string]int{}
	for _, w := range p.Reading.Warnings {
		codes[w.Code]++
		if w.Code == transcript.TimesRepaired && (w.Line == nil || *w.Line != 4) {
			t.Errorf("%+v", w)
		}
	}
	if codes[transcript.TimesOfDay] != 1 || codes[transcript.TimesRepaired] != 1 {
		t.Error(codes)
	}
}

// The message says what the file is and which columns it needs.
func TestTableOfSomethingElse(t *testing.T) {
	_, err := Parse(strings.NewReader(rows("sku\ttitle\tprice", "1\tChair\t3.20", "2\tLamp\t4.00", "3\tBed\t5.00")), MaxText, transcript.Hint{})
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "table (TSV)") || !strings.Contains(e.Message, "Speaker") || !strings.Contains(e.Message, "Text") {
		t.Error(err)
	}
}
