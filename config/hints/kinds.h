// The kinds of mistakes that people make in a rule text. Each looks at a place and says how to mend
// it, or that the mistake is of another kind. What it says is tried before it is told, so a kind
// may guess.
#pragma once

#include "config/hints/repair.h"

namespace clusterbind::hints {

// characters.cc: bytes and characters that look like others, or like nothing
Found utf_16(const Place& place);
Found control_bytes(const Place& place);
Found foreign_characters(const Place& place);
Found quotes(const Place& place);

// lines.cc: what does not stay in its line
Found continuation(const Place& place);
Found following_line(const Place& place);
Found unfinished_list(const Place& place);
Found braces(const Place& place);

// foreign.cc: what other configuration files have
Found merge_conflict(const Place& place);
Found comment(const Place& place);
Found comment_behind_semicolon(const Place& place);
Found section(const Place& place);
Found include(const Place& place);
Found prose(const Place& place);
Found definition(const Place& place);
Found variable(const Place& place);
Found unknown_line(const Place& place);

// shell.cc: what belongs to a shell, or to a unit of systemd
Found quoted_rules(const Place& place);
Found here_document(const Place& place);

// blocks.cc: rules as names and values
Found names_and_values(const Place& place);

// translate.cc: rules of other programs
Found packet_filter(const Place& place);

// spelling.cc: words of the language, as others write them
Found marks_behind_words(const Place& place);
Found upper_case(const Place& place);
Found other_word(const Place& place);
Found glued_word(const Place& place);
Found misspelt(const Place& place);
Found other_value(const Place& place);

// phrases.cc: words between the words of the language
Found filler(const Place& place);
Found announcement(const Place& place);
Found source_label(const Place& place);
Found only_in_rule(const Place& place);
Found absent_clause(const Place& place);
Found both_protocols(const Place& place);
Found value_of_override(const Place& place);

// structure.cc: the order of a statement, and what is missing or twice
Found noise(const Place& place);
Found order(const Place& place);
Found source_first(const Place& place);
Found missing_word(const Place& place);
Found port_in_destinations(const Place& place);
Found bind_to_source(const Place& place);
Found arrow(const Place& place);
Found second_value(const Place& place);
Found repeated_clause(const Place& place);
Found bind_only(const Place& place);
Found second_source(const Place& place);
Found second_statement(const Place& place);

// settings.cc: settings, and the file as a whole
Found repeated_setting(const Place& place);
Found value_alone(const Place& place);
Found rest_of_setting(const Place& place);
Found only_first(const Place& place);
Found without_a_rule(const Place& place);
Found ports_of_rule(const Place& place);

// lists.cc: commas and what stands for them
Found missing_value(const Place& place);
Found missing_comma(const Place& place);
Found sources_without_comma(const Place& place);
Found extra_comma(const Place& place);
Found other_separator(const Place& place);
Found semicolon_in_list(const Place& place);
Found dots(const Place& place);
Found brackets(const Place& place);

// negation.cc
Found negation(const Place& place);

// addresses.cc
Found address_and_port(const Place& place);
Found split_prefix(const Place& place);
Found commas_for_points(const Place& place);
Found split_address_range(const Place& place);
Found address(const Place& place);

// hosts.cc
Found not_an_address(const Place& place);

// ports.cc: ports, and names of programs
Found comparison(const Place& place);
Found split_range(const Place& place);
Found port(const Place& place);

Found program(const Place& place);

}  // namespace clusterbind::hints
