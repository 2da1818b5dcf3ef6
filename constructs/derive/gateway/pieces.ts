import { contribute, derive, type Piece } from '../../model/extension';
import { PodAnnotations, PodLabels } from '../pod';
import { TrafficIn, TrafficOut } from '../traffic';
import { cannot } from './abilities';
import { authorizerCalls, authorizerRules } from './authorizer';
import { backendTlsRules } from './backend-tls';
import { certificatePrerequisites, certificates } from './certificates';
import { sideCalls } from './destinations';
import { GatewayNeed, gatewayCalls, realizeGateway } from './gateway';
import { gatewayApi } from './gateway-api';
import { grantRules } from './gateway-api-grants';
import { istioGateway } from './istio';
import { gatewayEncryption } from './istio-outside';
import { limitFiles, limitServiceParts, realizeLimitService } from './limit-service';
import { noGateway } from './none';
import { gatewayRules } from './rules';

/** What follows from gateways. */
export const gatewayPieces: readonly Piece[] = [
  realizeGateway,
  gatewayCalls,
  sideCalls,
  gatewayEncryption,
  authorizerCalls,
  authorizerRules,
  realizeLimitService,
  limitFiles,
  ...limitServiceParts,
  noGateway,
  istioGateway,
  gatewayApi,
  derive('gateway', (graph) => graph.backEnd(GatewayNeed).objects(graph)),
  contribute('gateway.labels', PodLabels, (graph) => graph.backEnd(GatewayNeed).podLabels(graph)),
  contribute('gateway.annotations', PodAnnotations, (graph) => graph.backEnd(GatewayNeed).podAnnotations(graph)),
  contribute('gateway.in', TrafficIn, (graph) => graph.backEnd(GatewayNeed).trafficIn(graph)),
  contribute('gateway.out', TrafficOut, (graph) => graph.backEnd(GatewayNeed).trafficOut(graph)),
  certificates,
  certificatePrerequisites,
  cannot,
  grantRules,
  backendTlsRules,
  ...gatewayRules,
];
