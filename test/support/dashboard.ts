import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const DASHBOARDS = 'docker/grafana/dashboards';

export interface Target {
  refId: string;
  expr: string;
  datasource: { type: string; uid: string };
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: Target[];
}

export interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  panels: Panel[];
  annotations: { list: { name: string; expr: string; datasource: { uid: string } }[] };
  templating: { list: { name: string; definition: string; allValue: string; datasource: { uid: string } }[] };
}

/** Every provisioned dashboard, by file name. */
export function readDashboards(): [file: string, dashboard: Dashboard][] {
  return readdirSync(DASHBOARDS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as Dashboard]);
}

/** A query with Grafana's variables put in: all instances, and `rateInterval` for `$__rate_interval`. */
export function withVariables(expr: string, rateInterval: string): string {
  return expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$instance', '.*');
}

/** Every query of every panel, ready to be asked. */
export function dashboardQueries(rateInterval: string): { panel: string; expr: string }[] {
  return readDashboards().flatMap(([, dashboard]) =>
    dashboard.panels.flatMap((panel) =>
      (panel.targets ?? []).map((target) => ({
        panel: `${panel.title} ${target.refId}`,
        expr: withVariables(target.expr, rateInterval),
      })),
    ),
  );
}
