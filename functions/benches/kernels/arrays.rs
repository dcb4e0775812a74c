//! Arrays, maps and lambdas.

use datafusion::logical_expr::lit;

use crate::{
    cases::{Case, case},
    ours::{Ours, bigint, call, col, text},
};

pub(crate) fn cases() -> Vec<Case> {
    let parts = [elements(), searched(), parts(), sets(), made(), vectors(), maps(), lambdas()];
    parts.into_iter().flatten().collect()
}

fn elements() -> Vec<Case> {
    vec![
        case("cardinality", call("cardinality", [col("a")]), "array_length(a)"),
        case("element_at bigint", call("element_at", [col("a"), bigint(2)]), "array_element(a, 2)"),
        case("element_at text", call("element_at", [col("w"), bigint(2)]), "array_element(w, 2)"),
        case("subscript bigint", call("$subscript", [col("a"), bigint(2)]), "array_element(a, 2)"),
        case("array_join bigint", call("array_join", [col("a"), text(",")]), "array_to_string(a, ',')"),
        case("array_join text", call("array_join", [col("w"), text(",")]), "array_to_string(w, ',')"),
        case("array_max", call("array_max", [col("a")]), "array_max(a)"),
        case("array_min", call("array_min", [col("a")]), "array_min(a)"),
        case("array_max text", call("array_max", [col("w")]), "array_max(w)"),
    ]
}

fn searched() -> Vec<Case> {
    vec![
        case("contains bigint", call("contains", [col("a"), bigint(7)]), "array_has(a, 7)"),
        case("contains text", call("contains", [col("w"), text("alpha")]), "array_has(w, 'alpha')"),
        case("contains a column", call("contains", [col("a"), col("j")]), "array_has(a, j)"),
        case("array_position bigint", call("array_position", [col("a"), bigint(7)]), "array_position(a, 7)"),
        case(
            "array_position text",
            call("array_position", [col("w"), text("alpha")]),
            "array_position(w, 'alpha')",
        ),
        case("array_remove bigint", call("array_remove", [col("a"), bigint(7)]), "array_remove_all(a, 7)"),
        case(
            "array_remove text",
            call("array_remove", [col("w"), text("alpha")]),
            "array_remove_all(w, 'alpha')",
        ),
    ]
}

fn parts() -> Vec<Case> {
    vec![
        case("slice bigint", call("slice", [col("a"), bigint(2), bigint(3)]), "array_slice(a, 2, 4)"),
        case("slice text", call("slice", [col("w"), bigint(2), bigint(3)]), "array_slice(w, 2, 4)"),
        case("flatten", call("flatten", [col("aa")]), "flatten(aa)"),
        case("array_sort bigint", call("array_sort", [col("a")]), "array_sort(a)"),
        case("array_sort text", call("array_sort", [col("w")]), "array_sort(w)"),
        case("array reverse bigint", call("reverse", [col("a")]), "array_reverse(a)"),
        case("array reverse text", call("reverse", [col("w")]), "array_reverse(w)"),
    ]
}

fn sets() -> Vec<Case> {
    vec![
        case("array_distinct bigint", call("array_distinct", [col("a")]), "array_distinct(a)"),
        case("array_distinct text", call("array_distinct", [col("w")]), "array_distinct(w)"),
        case("array_union bigint", call("array_union", [col("a"), col("a2")]), "array_union(a, a2)"),
        case("array_union text", call("array_union", [col("w"), col("w2")]), "array_union(w, w2)"),
        case(
            "array_intersect bigint",
            call("array_intersect", [col("a"), col("a2")]),
            "array_intersect(a, a2)",
        ),
        case(
            "array_intersect text",
            call("array_intersect", [col("w"), col("w2")]),
            "array_intersect(w, w2)",
        ),
        case("array_except bigint", call("array_except", [col("a"), col("a2")]), "array_except(a, a2)"),
        case("array_except text", call("array_except", [col("w"), col("w2")]), "array_except(w, w2)"),
        case("arrays_overlap bigint", call("arrays_overlap", [col("a"), col("a2")]), "array_has_any(a, a2)"),
        case("arrays_overlap text", call("arrays_overlap", [col("w"), col("w2")]), "array_has_any(w, w2)"),
    ]
}

fn made() -> Vec<Case> {
    vec![
        case("array of bigints", call("$array", [col("i"), col("j"), col("lo")]), "make_array(i, j, lo)"),
        case("array of texts", call("$array", [col("s"), col("t")]), "make_array(s, t)"),
        case("array || array", call("concat", [col("a"), col("a2")]), "array_concat(a, a2)"),
        case("array || element", call("concat", [col("a"), col("i")]), "array_append(a, i)"),
        case("sequence", call("sequence", [col("lo"), col("hi")]), "generate_series(lo, hi)"),
        case("repeat bigint", call("repeat", [col("i"), bigint(5)]), "array_repeat(i, 5)"),
        case("repeat text", call("repeat", [col("s"), bigint(5)]), "array_repeat(s, 5)"),
        case("zip", call("zip", [col("a"), col("a2")]), "arrays_zip(a, a2)"),
        case("row", call("$row", [col("i"), col("s")]), "named_struct('field0', i, 'field1', s)"),
    ]
}

fn vectors() -> Vec<Case> {
    vec![
        case("dot_product", call("dot_product", [col("v"), col("v2")]), "inner_product(v, v2)"),
        case("cosine_distance", call("cosine_distance", [col("v"), col("v2")]), "cosine_distance(v, v2)"),
        case(
            "euclidean_distance",
            call("euclidean_distance", [col("v"), col("v2")]),
            "array_distance(v, v2)",
        ),
    ]
}

fn maps() -> Vec<Case> {
    vec![
        case("map", call("map", [col("keys"), col("a")]), "map(keys, a)"),
        case("map_keys", call("map_keys", [col("pairs")]), "map_keys(pairs)"),
        case("map_values", call("map_values", [col("pairs")]), "map_values(pairs)"),
        case("map_entries", call("map_entries", [col("pairs")]), "map_entries(pairs)"),
        case("cardinality of a map", call("cardinality", [col("pairs")]), "cardinality(pairs)"),
        case(
            "element_at of a map",
            call("element_at", [col("pairs"), text("key3")]),
            "map_extract(pairs, 'key3')",
        ),
    ]
}

/// The bodies are the engine's on both sides: only what is around them is compared.
fn lambdas() -> Vec<Case> {
    let plus_one = |function| Ours::Lambda { function, column: "a", body: |x| x + lit(1_i64) };
    let is_large = |function| Ours::Lambda { function, column: "a", body: |x| x.gt(lit(50_i64)) };
    vec![
        case("transform", plus_one("transform"), "array_transform(a, x -> x + 1)"),
        case("filter", is_large("filter"), "array_filter(a, x -> x > 50)"),
        case("any_match", is_large("any_match"), "array_any_match(a, x -> x > 50)"),
    ]
}
