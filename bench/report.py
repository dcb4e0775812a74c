"""Results as Markdown: medians, ratios, totals, memory, and what was read."""

import statistics

# Columns of system.queries that a result keeps.
LOG_COLUMNS = ["query_id", "scanned_bytes", "transferred_bytes", "cached_bytes", "gap_bytes", "retried_bytes", "requests", "files",
               "files_total", "plan_ms", "run_ms", "queue_ms"]
RATIOS = [("serve", "datafusion"), ("cluster", "datafusion"), ("serve", "duckdb"), ("cluster", "serve")]


def markdown(results):
    environment = results["environment"]
    packages = ", ".join(f"{name} {number}" for name, number in environment["packages"].items())
    lines = [f"# TPC-H, {environment['date']}, commit {environment['commit']}", "",
             f"{environment['threads']} of {environment['cpus']} CPUs ({environment['cpu']}), {environment['memory_gib']} GiB; {packages}."
             " Seconds, median of the measured runs after one warm-up.", ""]
    for measured in results["measured"]:
        lines += section(measured)
    return "\n".join(lines)


def section(measured):
    queries = measured["queries"]
    targets = list(next(iter(queries.values())))
    ratios = [pair for pair in RATIOS if set(pair) <= set(targets)]
    lines = [f"## Scale factor {measured['scale_factor']:g}, {measured['store']}", ""]
    lines += table(["q", *targets, *(f"{a} / {b}" for a, b in ratios)], [
        [number, *(cell(entry[name]) for name in targets), *(ratio(entry, *pair) for pair in ratios)]
        for number, entry in queries.items()] + summary(queries, targets, ratios))
    lines += [""] + read_table(queries, targets)
    memory = ", ".join(f"{name} {mib} MiB" for name, mib in measured["peak_rss_mib"].items())
    lines += [f"Peak resident memory: {memory}.", ""]
    lines += [f"Not measured: {name} ({reason})." for name, reason in measured["skipped"].items()]
    found = faults({"measured": [measured]})
    return lines + (["", "**Wrong or failed:**", "", *(f"- {fault}" for fault in found)] if found else ["", "All answers equal DuckDB's."]) + [""]


def table(header, rows):
    return ["| " + " | ".join(map(str, row)) + " |" for row in [header, ["---"] * len(header), *rows]]


def cell(entry):
    if entry.get("error"):
        return "failed"
    return f"{entry['median']:.3f}" + (" (differs)" if entry["difference"] else "")


def ratio(entry, name, base):
    if "median" not in entry[name] or "median" not in entry[base]:
        return "–"
    return f"{entry[name]['median'] / entry[base]['median']:.2f}"


def summary(queries, targets, ratios):
    """Totals and geometric means, over the queries that every target answered."""
    common = [entry for entry in queries.values() if all("median" in entry[name] for name in targets)]
    if not common:
        return []
    totals = {name: sum(entry[name]["median"] for entry in common) for name in targets}
    means = {name: statistics.geometric_mean(entry[name]["median"] for entry in common) for name in targets}
    label = "" if len(common) == len(queries) else f" of {len(common)}"
    return [[f"**{title}{label}**", *(f"{values[name]:.3f}" for name in targets),
             *(f"{values[a] / values[b]:.2f}" for a, b in ratios)] for title, values in [("total", totals), ("geomean", means)]]


def read_table(queries, targets):
    """Bytes and requests per query: the bill of scops, and what the S3 server saw of each target."""
    scops = [name for name in targets if any("log" in entry[name] for entry in queries.values())]
    served = [name for name in targets if any("s3" in entry[name] for entry in queries.values())]
    if not scops and not served:
        return []
    header = ["q", *(f"{name} scanned MB" for name in scops), *(f"{name} {what}" for name in served for what in ("S3 MB", "GETs"))]
    rows = []
    for number, entry in queries.items():
        row = [number, *(megabytes(entry[name].get("log"), "scanned_bytes") for name in scops)]
        for name in served:
            reads = entry[name].get("s3")
            row += [megabytes(reads, "bytes_sent"), reads["gets"] if reads else "–"]
        rows.append(row)
    return [*table(header, rows), ""]


def megabytes(record, key):
    return "–" if not record or record.get(key) is None else f"{record[key] / 1e6:.1f}"


def faults(results):
    """One line for each query that failed or whose answer differed."""
    found = []
    for measured in results["measured"]:
        for number, entry in measured["queries"].items():
            for name, run in entry.items():
                if problem := run.get("error") or run["difference"]:
                    found.append(f"SF{measured['scale_factor']:g} {measured['store']} q{number} {name}: {problem}")
    return found
