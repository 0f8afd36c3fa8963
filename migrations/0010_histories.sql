-- A history of an application in one environment, or of one of its versions, is found by its index alone;
-- only the deployments of the page are read. Before, each deployment of the application was read to see
-- where it went: a second, where there were thousands in fifty environments.

-- What a start that was broken off may have left.
DROP INDEX {online} IF EXISTS deployments_of_application;
CREATE INDEX {online} deployments_of_application
    ON deployments (organization_id, application_id, id, environment_id, version_id);
DROP INDEX {online} IF EXISTS deployments_by_application;
