import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { readCompose } from '../../support/compose.js';
import { dashboardQueries, readDashboards, withVariables } from '../../support/dashboard.js';
import { pathOf } from '../../support/programs.js';

const run = promisify(execFile);
const provisioning = 'docker/grafana/provisioning';
const [source] = (
  parse(readFileSync(join(provisioning, 'datasources/prometheus.yaml'), 'utf8')) as {
    datasources: { uid: string; type: string; url: string }[];
  }
).datasources;

describe('docker/grafana', () => {
  it('reads from the Prometheus of the Compose file', () => {
    const { hostname, port } = new URL(source?.url ?? '');
    expect(readCompose().services[hostname]?.ports?.[0]?.endsWith(`:${port}`)).toBe(true);
  });

  it('looks for dashboards where the Compose file mounts them', () => {
    const { providers } = parse(readFileSync(join(provisioning, 'dashboards/files.yaml'), 'utf8')) as {
      providers: { options: { path: string } }[];
    };
    const grafana = readCompose().services['grafana'];
    const path = providers[0]?.options.path ?? '';
    expect(grafana?.volumes).toContain(`./grafana/dashboards:${path}:ro`);
    const home = grafana?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    expect(readDashboards().map(([file]) => `${path}/${file}`)).toContain(home);
  });

  describe.each(readDashboards())('%s', (_file, dashboard) => {
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');

    it('has panels with ids of their own, a title, a description and a unit', () => {
      const ids = dashboard.panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(panels.length).toBeGreaterThan(0);
      for (const panel of panels) {
        expect(panel.title).toBeTruthy();
        expect([panel.title, panel.description]).toEqual([panel.title, expect.stringMatching(/^.{20,}/)]);
        expect([panel.title, panel.fieldConfig?.defaults.unit]).toEqual([panel.title, expect.any(String)]);
        expect(panel.targets?.length).toBeGreaterThan(0);
      }
    });

    it('asks the provisioned data source alone', () => {
      const asked = [
        ...panels.flatMap((panel) => [panel.datasource?.uid, ...(panel.targets ?? []).map((t) => t.datasource.uid)]),
        ...dashboard.annotations.list.map((annotation) => annotation.datasource.uid),
        ...dashboard.templating.list.map((variable) => variable.datasource.uid),
      ];
      expect(new Set(asked)).toEqual(new Set([source?.uid]));
    });

    it('has panels that lie inside the grid and do not overlap', () => {
      const taken = new Map<string, string>();
      for (const { title, gridPos } of dashboard.panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect([title, taken.get(`${x},${y}`)]).toEqual([title, undefined]);
            taken.set(`${x},${y}`, title);
          }
        }
      }
    });

    it('lets the reader choose the instance in every query', () => {
      expect(dashboard.templating.list.map(({ name }) => name)).toContain('instance');
      for (const target of panels.flatMap((panel) => panel.targets ?? [])) expect(target.expr).toContain('"$instance"');
    });

    it('uses only variables that are set', () => {
      for (const target of panels.flatMap((panel) => panel.targets ?? [])) {
        expect(withVariables(target.expr, '1m')).not.toContain('$');
      }
    });
  });

  it('has queries that Prometheus can parse', async () => {
    const promtool = await pathOf('promtool');
    const queries = [
      ...dashboardQueries('1m').map(({ expr }) => expr),
      ...readDashboards().flatMap(([, dashboard]) => dashboard.annotations.list.map(({ expr }) => expr)),
    ];
    // A query parses exactly if a rule made of it does.
    const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    const scratch = mkdtempSync(join(tmpdir(), 'queries-'));
    try {
      writeFileSync(join(scratch, 'rules.yml'), stringify({ groups: [{ name: 'queries', rules }] }));
      const { stdout } = await run(promtool, ['check', 'rules', join(scratch, 'rules.yml')]);
      expect(stdout).toContain(`SUCCESS: ${queries.length} rules found`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});
