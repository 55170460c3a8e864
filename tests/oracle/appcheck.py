#!/usr/bin/env python3
"""appcheck.py DIR - is DIR a Splunk app that AppInspect's structural checks would take?

From the AppInspect criteria and Splunk's conf specs: app.conf with id, version and label; the id is the folder's name;
no local/, no hidden or executable file, no mode that lets others write; savedsearches.conf readable as Splunk reads it
(continuation by a backslash at a line's end), each stanza once, with only settings of savedsearches.conf.spec, each
of the form it takes.  Prints what is wrong, one a line; ends with 1 if anything is.
"""
import os
import re
import sys

WRONG = []
CRON = r'(\*|\*/[1-9][0-9]?|[0-9]{1,2})( (\*|\*/[1-9][0-9]?|[0-9]{1,2})){4}'
SETTINGS = {
    'description': r'(?s).+', 'search': r'(?s).+', 'cron_schedule': CRON, 'enableSched': '[01]',
    'dispatch.earliest_time': r'-[1-9][0-9]*[smhdw](@[smhdw])?', 'dispatch.latest_time': r'now|@m',
    'counttype': 'number of events', 'relation': 'greater than', 'quantity': '[0-9]+', 'alert.track': '[01]',
    'alert.severity': '[1-6]', 'alert.digest_mode': '[01]', 'alert.suppress': '[01]',
    'alert.suppress.fields': '.+', 'alert.suppress.period': '[1-9][0-9]*[smhd]'}


def wrong(text):
    WRONG.append(text)


def read_conf(path):
    """{stanza: {setting: value}} as Splunk reads a conf file."""
    stanzas, name = {}, None
    lines = iter(open(path, encoding='utf-8', newline='\n').read().split('\n'))
    for line in lines:
        if not line.strip() or line.lstrip().startswith('#'):
            continue
        m = re.fullmatch(r'\[([^\]]*)\]', line)
        if m:
            name = m.group(1)
            if name in stanzas:
                wrong(f'{path}: stanza {name!r} twice')
            stanzas[name] = {}
            continue
        key, mark, value = line.partition('=')
        key = key.strip()
        while value.endswith('\\'):
            value = value[:-1] + '\n' + next(lines)
        if not mark or name is None:
            wrong(f'{path}: no setting: {line[:40]!r}')
            continue
        if key in stanzas[name]:
            wrong(f'{path}: {name}: {key} twice')
        stanzas[name][key] = value.strip()
    return stanzas


def check_files(top):
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            mode = os.stat(os.path.join(folder, name)).st_mode
            if name.startswith('.') or name == 'local':
                wrong(f'{name}: hidden, or local')
            if mode & 0o022 or (name in files and mode & 0o111):
                wrong(f'{name}: mode {mode & 0o777:o}')
    found = sorted(os.path.relpath(os.path.join(f, n), top) for f, _, names in os.walk(top) for n in names)
    if found != ['default/app.conf', 'default/savedsearches.conf', 'metadata/default.meta']:
        wrong(f'files: {found}')


def check_searches(searches):
    for name, settings in searches.items():
        if not name.strip() or name == 'default' or re.search(r'[\[\]\x00-\x1f]', name):
            wrong(f'stanza {name!r}')
        for key, value in settings.items():
            if not re.fullmatch(SETTINGS.get(key, '(?!)'), value):
                wrong(f'{name}: {key} = {value[:60]!r}')
        if settings.get('alert.suppress') == '1' and 'alert.suppress.period' not in settings:
            wrong(f'{name}: suppression without a period')
        if settings.get('alert.suppress') == '1' and settings.get('alert.digest_mode') == '0' and \
                'alert.suppress.fields' not in settings:
            wrong(f'{name}: suppression by result without fields')
        for key in ('search', 'cron_schedule', 'dispatch.earliest_time'):
            if key not in settings:
                wrong(f'{name}: no {key}')


def main():
    top = sys.argv[1].rstrip('/')
    app = read_conf(top + '/default/app.conf')
    if app['package']['id'] != os.path.basename(top) or not re.fullmatch(r'\d+\.\d+\.\d+', app['launcher']['version']):
        wrong('app.conf: id or version')
    if app['install'].get('is_configured') not in (None, '0', 'false'):
        wrong('app.conf: is_configured is for Splunk to set')
    for stanza in ('install', 'ui', 'launcher', 'package', 'id'):
        if stanza not in app:
            wrong(f'app.conf: no [{stanza}]')
    check_files(top)
    check_searches(read_conf(top + '/default/savedsearches.conf'))
    meta = read_conf(top + '/metadata/default.meta')
    if 'access' not in meta.get('', {}):
        wrong('default.meta: no access')
    print('\n'.join(WRONG))
    return 1 if WRONG else 0


sys.exit(main())
