package format

import "testing"

func TestSBV(t *testing.T) {
	check(t, SBV, []rule{
		{"YouTube", "0:00:00.599,0:00:04.160\nWe open\nat nine.\n\n0:00:04.160,0:00:06.770\nFine.\n", []string{"|599|4160|We open at nine.", "|4160|6770|Fine."}},
		{"hours, CR LF", "10:00:01.000,10:00:02.000\r\nLate.\r\n", []string{"|36001000|36002000|Late."}},
		{"no blank lines between", "0:00:01,0:00:04\none\n0:00:04,0:00:06\ntwo", []string{"|1000|4000|one", "|4000|6000|two"}},
		{"blank lines inside", "0:00:01.000,0:00:04.000\none\n\ntwo\n\n0:00:04.000,0:00:06.000\nthree", []string{"|1000|4000|one two", "|4000|6000|three"}},
		{"commas in times", "0:00:01,500,0:00:04,250\none", []string{"|1500|4250|one"}},
		{"an empty cue", "0:00:01.000,0:00:04.000\n\n0:00:05.000,0:00:06.000\nHm.", []string{"|5000|6000|Hm."}},
		{"names", "0:00:01.000,0:00:04.000\nNora: We open.\n\n0:00:05.000,0:00:06.000\nIvo: Why?\n\n0:00:06.000,0:00:07.000\nNora: So.",
			[]string{"Nora|1000|4000|We open.", "Ivo|5000|6000|Why?", "Nora|6000|7000|So."}},
		{"another speaker", "0:00:01.000,0:00:04.000\nWe open\nat nine.\n\n0:00:05.000,0:00:06.000\n>> Really?", []string{"|1000|4000|We open at nine.", "|5000|6000|Really?"}},
		{"lines that roll", "0:00:01.000,0:00:02.000\nhow the day begins\n\n0:00:02.000,0:00:04.000\nhow the day begins\nin the long room\n\n0:00:04.000,0:00:06.000\nin the long room\nby the water",
			[]string{"|1000|2000|how the day begins", "|2000|4000|in the long room", "|4000|6000|by the water"}},
		{"SubViewer", "[INFORMATION]\n[TITLE]A day\n[AUTHOR]\n[END INFORMATION]\n[SUBTITLE]\n[COLF]&HFFFFFF,[STYLE]bd,[SIZE]18\n00:00:01.00,00:00:04.50\nWe open[br]at nine.\n\n00:00:05.00,00:00:06.00\nFine.",
			[]string{"|1000|4500|We open at nine.", "|5000|6000|Fine."}},
		{"a bad end", "0:00:01.000,0:00:04.000\none\n\n0:00:05.000,0:00:xx\ntwo", []string{"|1000|4000|one", "|5000||two"}},
	})
	checkFailing(t, []failing{{"no words", "0:00:01.000,0:00:02.000\n\n0:00:02.000,0:00:03.000\n", EmptyTranscript, 0}})
}

const assHead = "[Script Info]\n; by hand\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n" +
	"Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"

func TestASS(t *testing.T) {
	const at = "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Nora,0,0,0,,"
	check(t, ASS, []rule{
		{"names and commas", assHead + at + "Well, yes, it is.\nDialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,No.", []string{"Nora|1000|2500|Well, yes, it is.", "|3000|4000|No."}},
		{"override codes and breaks", assHead + at + `{\an8\fad(1,2)}We {\i1}open{\i0}\Nat\hnine{not shown}, \nyes.`, []string{"Nora|1000|2500|We open at nine, yes."}},
		{"drawings", assHead + at + `{\p1}m 0 0 l 10 0{\p0}Seen.` + "\n" + at + `{\an7\p2}m 5 5 b 1 1`, []string{"Nora|1000|2500|Seen."}},
		{"a code that is no drawing", assHead + at + `{\pos(10,20)\pbo3}Seen.`, []string{"Nora|1000|2500|Seen."}},
		{"comments", assHead + "Comment: 0,0:00:01.00,0:00:02.50,Default,Nora,0,0,0,,no\n" + at + "yes", []string{"Nora|1000|2500|yes"}},
		{"not in order", assHead + "Dialogue: 0,0:00:09.00,0:00:10.00,Sign,,0,0,0,,Later.\n" + at + "First.", []string{"Nora|1000|2500|First.", "|9000|10000|Later."}},
		{"layers", assHead + at + "Shown.\nDialogue: 1,0:00:01.00,0:00:02.50,Glow,Nora,0,0,0,,{\\blur3}Shown.", []string{"Nora|1000|2500|Shown."}},
		{"SSA", "[Script Info]\nScriptType: v4.00\n\n[Events]\nFormat: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n" +
			"Dialogue: Marked=0,0:00:01.00,0:00:02.00,Default,NTP,0000,0000,0000,,Hm, so.", []string{"|1000|2000|Hm, so."}},
		{"columns in another order", "[Script Info]\n[Events]\nFormat: Start, End, Actor, Text\nDialogue: 0:00:01.00,0:00:02.00,Ivo,Hm, so.", []string{"Ivo|1000|2000|Hm, so."}},
		{"no Format line", "[Events]\n" + at + "Hm.", []string{"Nora|1000|2500|Hm."}},
		{"events alone", at + "Hm.", []string{"Nora|1000|2500|Hm."}},
		{"names in the words", assHead + "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Nora: We open.\nDialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Ivo: Why?\n" +
			"Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,Nora: So.", []string{"Nora|1000|2000|We open.", "Ivo|3000|4000|Why?", "Nora|5000|6000|So."}},
		{"bad times", assHead + at + "one\nDialogue: 0,later,0:00:05.00,Default,Ivo,0,0,0,,two", []string{"Nora|1000|2500|one", "Ivo|2500|5000|two"}},
		{"braces that stay open", assHead + at + "a {b", []string{"Nora|1000|2500|a {b"}},
	})
	checkFailing(t, []failing{{"no events", assHead, EmptyTranscript, 0}})
}

func TestLRC(t *testing.T) {
	check(t, LRC, []rule{
		{"tags", "[ti:A day]\n[ar:Nora Haddad]\n[00:01.00]We open.\n[00:05.50]Fine.", []string{"|1000|5500|We open.", "|5500||Fine."}},
		{"whisper.cpp", "[by:whisper.cpp]\n[00:00.00] We open.\n[00:05.50] Fine.", []string{"|0|5500|We open.", "|5500||Fine."}},
		{"tight", "[00:01.20]We open.\n[00:05.503]Fine.", []string{"|1200|5503|We open.", "|5503||Fine."}},
		{"an empty line ends one", "[ti:x]\n[00:01.00]We open.\n[00:02.00]\n[00:05.00]Fine.", []string{"|1000|2000|We open.", "|5000||Fine."}},
		{"several times", "[00:05.00][00:20.00]Again.\n[00:10.00]Between.", []string{"|5000|10000|Again.", "|10000|20000|Between.", "|20000||Again."}},
		{"times of words", "[00:01.00]<00:01.00>We <00:01.50>open <00:01.90>\n[00:05.00] <00:05.00> Fine <00:05.40> then", []string{"|1000|1900|We open", "|5000||Fine then"}},
		{"sooner", "[offset:+500]\n[00:01.00]We open.\n[00:05.50]Fine.", []string{"|500|5000|We open.", "|5000||Fine."}},
		{"minutes of an hour", "[la:de]\n[61:01.00]Auf.\n[125:00.00]Zu.", []string{"|3661000|7500000|Auf.", "|7500000||Zu."}},
		{"a line that goes on", "[ti:x]\n[00:01.00]We open\nat nine.", []string{"|1000||We open at nine."}},
		{"names", "[ti:x]\n[00:01.00]Nora: We open.\n[00:03.00]Ivo: Why?\n[00:05.00]Nora: So.", []string{"Nora|1000|3000|We open.", "Ivo|3000|5000|Why?", "Nora|5000||So."}},
	})
	check(t, Text, []rule{ // what only looks like it
		{"a transcript", "[00:01.00] Nora: We open.\n[00:05.50] Ivo: Why?", []string{"Nora|1000||We open.", "Ivo|5500||Why?"}},
	})
}

func TestNumberedCaptions(t *testing.T) {
	check(t, MicroDVD, []rule{
		{"the rate of the file", "{1}{1}25.000\n{25}{75}{y:i}We open|at nine.\n{90}{}/Fine.", []string{"|1000|3000|We open at nine.", "|3600||Fine."}},
		{"a rate with a comma", "{0}{0}23,976\n{24}{48}Hm.", []string{"|1001|2002|Hm."}},
		{"no rate", "{24}{48}Hm.\nso\n{48}{72}{C:$0000ff}{x", []string{"|1001|2002|Hm. so", "|2002|3003|{x"}},
		{"a style for all", "{DEFAULT}{}{C:$00ffff}\n{1}{1}30\n{30}{60}Hm.", []string{"|1000|2000|Hm."}},
		{"names", "{1}{1}25\n{25}{50}Nora: We open.\n{50}{75}Ivo: Why?\n{75}{100}Nora: So.", []string{"Nora|1000|2000|We open.", "Ivo|2000|3000|Why?", "Nora|3000|4000|So."}},
	})
	check(t, MPL2, []rule{
		{"tenths", "[10][42] /We open|at nine.\n[45][60]Fine.", []string{"|1000|4200|We open at nine.", "|4500|6000|Fine."}},
	})
	check(t, Text, []rule{
		{"footnotes", "[1] Nora: We open.\n[2] Ivo: Why?", []string{"|||[1] Nora: We open. [2] Ivo: Why?"}},
	})
}
